"""Parcels on their way: senders, tariffs, files to carriers, what malls were told, parcels in trouble."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zlib import crc32

from django.utils import timezone

from catalog.models import SalesChannel
from inventory.models import Warehouse
from orders.models import Shipment
from shipping.models import (
    Carrier,
    CarrierRule,
    CarrierTariff,
    ChannelCutoff,
    ChannelNotice,
    OutFormat,
    ScanKind,
    Sender,
)
from shipping.selectors.handing import orders_to_hand_over
from shipping.services import (
    Scan,
    Wanted,
    answer_notices,
    compute_costs,
    make_carrier_file,
    make_notice_file,
    owe_notices,
    preview_carrier_file,
    record_scans,
    sync_carriers,
    sync_out_formats,
)
from staff.models import User

_RECENT = timedelta(days=12)
_DAY = timedelta(days=1)
MANY = 2_000  # parcels at once
TARIFFS = {
    "yamato": ("JPY", [(2_000, 720), (5_000, 940), (None, 1_360)]),
    "sagawa": ("JPY", [(2_000, 700), (5_000, 900), (None, 1_300)]),
    "japanpost": ("JPY", [(2_000, 760), (None, 1_100)]),
    "cjlogistics": ("KRW", [(2_000, 2_600), (5_000, 3_100), (None, 4_500)]),
    "logen": ("KRW", [(2_000, 2_500), (None, 3_900)]),
    "hanjin": ("KRW", [(2_000, 2_700), (None, 4_200)]),
}
SURCHARGES = {"yamato": 1_250, "cjlogistics": 3_000, "hanjin": 3_000}
CUTOFFS = {"coupang": time(14), "naver": time(15), "rakuten": time(12), "amazon-jp": time(14)}


def carry_parcels(*, now: datetime, team: Mapping[str, User]) -> None:
    """Hand some of today's orders to carriers, tell malls what left, and let three parcels go astray."""
    sync_carriers()
    sync_out_formats()
    _write_down(now)
    left = list(Shipment.objects.order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(left), MANY):
        compute_costs(shipment_ids=left[first : first + MANY])
        owe_notices(shipment_ids=left[first : first + MANY])
    _tell(now, team["warehouse"])
    _hand_over(now, team["warehouse"])
    _go_astray(now, team["warehouse"])


def _write_down(now: datetime) -> None:
    carriers = {carrier.code: carrier for carrier in Carrier.objects.all()}
    places = {warehouse.code: warehouse for warehouse in Warehouse.objects.all()}
    for code, (name, phone, postcode, address, chosen) in {
        "osaka": ("ODAM大阪センター", "06-0000-0000", "559-0034", "大阪府大阪市住之江区南港北0-0-0", "yamato"),
        "gimpo": ("ODAM 김포센터", "031-000-0000", "10048", "경기도 김포시 고촌읍 0-0", "cjlogistics"),
    }.items():
        Sender.objects.create(
            warehouse=places[code],
            name=name,
            phone=phone,
            postcode=postcode,
            address=address,
            customer_code="0000000000",
        )  # fmt: skip
        CarrierRule.objects.create(carrier=carriers[chosen], warehouse=places[code], rank=50)
    begin = (now - timedelta(days=400)).date()
    CarrierTariff.objects.bulk_create(_tariffs(carriers, begin))
    channels = SalesChannel.objects.filter(code__in=CUTOFFS)
    ChannelCutoff.objects.bulk_create(ChannelCutoff(sales_channel=one, at=CUTOFFS[one.code]) for one in channels)


def _tariffs(carriers: Mapping[str, Carrier], begin: date) -> list[CarrierTariff]:
    rows = [
        CarrierTariff(carrier=carriers[code], up_to_weight_g=weight, amount=amount, currency=currency, valid_from=begin)
        for code, (currency, steps) in TARIFFS.items()
        for weight, amount in steps
    ]
    return rows + [
        CarrierTariff(
            carrier=carriers[code], is_surcharge=True, amount=amount, currency=TARIFFS[code][0], valid_from=begin
        )
        for code, amount in SURCHARGES.items()
    ]


def _tell(now: datetime, actor: User) -> None:
    """Tell each mall what left before yesterday; one refuses a parcel."""
    formats = {row.belongs_to: row for row in OutFormat.objects.filter(kind="channel", is_active=True)}
    for channel in SalesChannel.objects.filter(notices__isnull=False).distinct().order_by("pk"):
        form = formats.get(channel.kind) or formats[""]
        owed = ChannelNotice.objects.filter(sales_channel=channel, shipment__shipped_at__lt=now - _DAY)
        chosen = [
            notice.pk for notice in owed.select_related("shipment").order_by("pk") if notice.shipment.tracking_number
        ]
        if not chosen:
            continue
        make_notice_file(notice_ids=chosen, format_id=form.pk, key=f"demo-{channel.code}", actor=actor)
        answer_notices(notice_ids=chosen[:-1], is_accepted=True, actor=actor)
        if channel.kind == "coupang":
            answer_notices(
                notice_ids=chosen[-1:], is_accepted=False, answer="유효하지 않은 운송장번호입니다.", actor=actor
            )


def _hand_over(now: datetime, actor: User) -> None:
    """Make a file of a third of what is ready for each warehouse’s usual carrier."""
    wanted = Wanted(ship_on=timezone.localdate(now))
    for country, carrier_code, format_code in (("JP", "yamato", "yamato_b2"), ("KR", "cjlogistics", "cj_cnplus")):
        ready = orders_to_hand_over(today=timezone.localdate(now)).filter(country=country)
        ids = [pk for pk in ready.values_list("pk", flat=True)[:60] if pk % 3 == 0]
        if not ids:
            continue
        options: dict[str, Any] = {
            "carrier_id": Carrier.objects.get(code=carrier_code).pk,
            "format_id": OutFormat.objects.get(code=format_code).pk,
            "wanted": wanted,
            "actor": actor,
        }
        fitting = [parcel.order.pk for parcel in preview_carrier_file(order_ids=ids, **options) if not parcel.problems]
        if fitting:
            make_carrier_file(order_ids=fitting, key=f"demo-{country}", **options)


def _go_astray(now: datetime, actor: User) -> None:
    """Two parcels find nobody, one comes back, some are on their way."""
    left = Shipment.objects.filter(shipped_at__gte=now - _RECENT, shipped_at__lt=now - 2 * _DAY, delivered_at=None)
    parcels = list(left.exclude(tracking_number="").order_by("pk")[:8])
    kinds = [ScanKind.FAILED, ScanKind.RETURNED, ScanKind.FAILED, ScanKind.AT_THE_DOOR, ScanKind.ON_THE_WAY]
    scans = [
        Scan(number=parcel.tracking_number, kind=kind, at=parcel.shipped_at + timedelta(hours=20 + place % 7))
        for place, (parcel, kind) in enumerate(zip(parcels, kinds, strict=False))
    ]
    taken = [
        Scan(
            number=parcel.tracking_number,
            kind=ScanKind.ACCEPTED,
            at=parcel.shipped_at + timedelta(hours=2 + crc32(parcel.number.encode()) % 3),
        )
        for parcel in parcels
    ]
    record_scans(scans=[*taken, *scans], actor=actor)
