"""What carriers say of parcels: kept, recorded as deliveries, opened where somebody has to look after them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.errors import Conflict, InvalidInput, NotAllowed
from core.verify import verify
from orders.models import Shipment
from orders.services import ship_orders
from shipping.models import CarrierTariff, DeliveryScan, ParcelAlert, ParcelCost, ScanKind
from shipping.services import (
    Scan,
    close_alert,
    compute_costs,
    follow_parcels,
    make_carrier_file,
    make_notice_file,
    owe_notices,
    record_scans,
    set_parcel_cost,
    watch_parcels,
)
from tests.factories import make_user
from tests.shipping.making import WANTED, carrier_of, format_of, ready_orders
from tests.shipping.test_tracking import bring

pytestmark = pytest.mark.django_db
NUMBER = "400001000000"


def parcel(*, days=2, number=NUMBER, **over):
    """Return a parcel that left some days ago with Yamato."""
    carrier_of("yamato")
    [order] = ready_orders(placed_at=timezone.now() - timedelta(days=60), **over)
    ship_orders(
        order_ids=[order.pk], carrier="ヤマト運輸", tracking_numbers={order.pk: number},
        at=timezone.now() - timedelta(days=days),
    )  # fmt: skip
    return order.shipments.get()


def said(kind, *, hours=1, number=NUMBER):
    return Scan(number=number, kind=kind, at=timezone.now() - timedelta(hours=hours), words="…")


def test_a_delivered_parcel_is_received_once():
    shipment, scan = parcel(), said(ScanKind.DELIVERED)

    [outcome] = record_scans(scans=[scan])
    [again] = record_scans(scans=[scan])

    shipment.refresh_from_db()
    assert (shipment.delivered_at, shipment.delivery_source) == (scan.at, "carrier")
    assert (outcome.is_new, again.is_new) == (True, False)
    assert DeliveryScan.objects.count() == 1


def test_what_no_parcel_has_is_refused():
    parcel()

    [outcome] = record_scans(scans=[said(ScanKind.DELIVERED, number="400001000011")])

    assert outcome.reason["code"] == "shipping.unknown_parcel"
    assert not DeliveryScan.objects.exists()
    with pytest.raises(NotAllowed):
        record_scans(scans=[said(ScanKind.DELIVERED)], actor=make_user())


def test_a_delivery_before_it_left_is_refused_by_row():
    shipment = parcel(days=1)

    [outcome] = record_scans(scans=[said(ScanKind.DELIVERED, hours=48)])

    shipment.refresh_from_db()
    assert outcome.reason["code"] == "shipping.not_delivered"
    assert shipment.delivered_at is None


def test_trouble_opens_work_and_a_delivery_ends_it():
    shipment = parcel()
    record_scans(scans=[said(ScanKind.FAILED, hours=3), said(ScanKind.FAILED, hours=3)])
    assert [alert.kind for alert in ParcelAlert.objects.filter(closed_at=None)] == ["failed"]

    record_scans(scans=[said(ScanKind.DELIVERED, hours=1)])

    assert ParcelAlert.objects.get(shipment=shipment).outcome == "It was delivered."


def test_a_parcel_that_comes_back_waits_for_a_person():
    parcel()
    record_scans(scans=[said(ScanKind.FAILED, hours=5), said(ScanKind.RETURNED, hours=2)])
    alert = ParcelAlert.objects.get()
    assert alert.kind == "returned"

    with pytest.raises(InvalidInput):
        close_alert(alert_id=alert.pk, outcome=" ")
    with pytest.raises(NotAllowed):
        close_alert(alert_id=alert.pk, outcome="sent again", actor=make_user())
    close_alert(alert_id=alert.pk, outcome="sent again")

    with pytest.raises(Conflict):
        close_alert(alert_id=alert.pk, outcome="sent again")


def test_silence_is_told_only_where_carriers_speak_at_all():
    silent = parcel(days=5)
    assert watch_parcels() == 0
    parcel(days=5, number="400001000011")
    record_scans(scans=[said(ScanKind.ACCEPTED, hours=100, number="400001000011")])

    assert (watch_parcels(), watch_parcels()) == (1, 0)
    assert ParcelAlert.objects.get().shipment == silent
    record_scans(scans=[said(ScanKind.ON_THE_WAY)])
    assert ParcelAlert.objects.get().closed_at is not None


def test_a_history_file_records_deliveries():
    shipment = parcel()
    day = timezone.localdate() - timedelta(days=1)
    text = (
        "お客様側管理番号,お問い合わせ番号,仮引受確定作業年月日,配送完了作業年月日,配達ステータス集約コード,配達ステータス明細コード\n"
        f"X,{NUMBER},{day},{day} 12:00,30,0A\nY,193715301000,,,10,0A\n"
    )

    batch = bring(text, target="shipping.scans")

    shipment.refresh_from_db()
    assert batch.format.code == "yupack_r_deliveries"
    assert (batch.counts["created"], batch.counts["unchanged"]) == (1, 1)
    assert shipment.delivered_at is not None
    assert DeliveryScan.objects.get().words == "30/0A"


def tariff(**over):
    day = timezone.localdate() - timedelta(days=30)
    values = {"carrier": carrier_of("yamato"), "amount": 800, "currency": "JPY", "valid_from": day, **over}
    return CarrierTariff.objects.create(**values)


def test_the_nearest_tariff_counts():
    tariff()
    tariff(up_to_weight_g=300, amount=500)
    tariff(up_to_weight_g=1000, amount=600)
    tariff(zone="沖縄県", amount=1500)
    near, far = parcel(), parcel(region="沖縄県", number="400001000011")

    assert compute_costs(shipment_ids=[near.pk, far.pk]) == 2

    assert [(row.amount, row.weight_g, row.currency) for row in ParcelCost.objects.order_by("shipment_id")] == [
        (600, 400, "JPY"),
        (1500, 400, "JPY"),
    ]


def test_what_somebody_wrote_stays():
    tariff()
    shipment = parcel()
    yamato = carrier_of("yamato")

    set_parcel_cost(shipment_id=shipment.pk, carrier_id=yamato.pk, amount=930, currency="JPY")

    assert compute_costs(shipment_ids=[shipment.pk]) == 0
    assert ParcelCost.objects.get().amount == 930
    with pytest.raises(NotAllowed):
        set_parcel_cost(shipment_id=shipment.pk, carrier_id=yamato.pk, amount=1, currency="JPY", actor=make_user())


def test_costs_of_many_take_no_more_statements():
    tariff()
    ids = [parcel(number=f"{n}{n % 7}").pk for n in range(40000100000, 40000100004)]
    with CaptureQueriesContext(connection) as few:
        compute_costs(shipment_ids=ids[:1])
    with CaptureQueriesContext(connection) as many:
        compute_costs(shipment_ids=ids)

    assert len(many) == len(few)


PLANTS = {
    "shipping.open_slips_are_of_counting_files": "UPDATE shipping_carrierfile SET withdrawn_at = now()",
    "shipping.files_equal_slips": "UPDATE shipping_carrierfile SET row_count = row_count + 1",
    "shipping.notices_of_own_channel": "UPDATE orders_shipment SET tracking_number = '1'",
    "shipping.scans_after_shipping": "UPDATE orders_shipment SET delivered_at = NULL, delivery_source = ''",
    "shipping.file_numbers_below_sequence": (
        "UPDATE core_sequence SET next_value = 1 WHERE name = 'shipping.carrier_file'"
    ),
}


@pytest.fixture
def books():
    """An order in an open file, and one that was shipped, told and received."""
    [waiting] = ready_orders()
    make_carrier_file(
        order_ids=[waiting.pk], carrier_id=carrier_of("yamato").pk, format_id=format_of("yamato_b2").pk,
        wanted=WANTED, key="k",
    )  # fmt: skip
    shipment = parcel()
    follow_parcels(shipment_ids=[shipment.pk])
    owe_notices(shipment_ids=[shipment.pk])
    make_notice_file(notice_ids=[shipment.notice.pk], format_id=format_of("rakuten_shipping").pk, key="k")
    record_scans(scans=[said(ScanKind.DELIVERED)])
    assert Shipment.objects.get().delivered_at is not None


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_breach_is_found_and_named(name, books):
    [finding] = verify(names=[name])
    assert finding.holds

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(PLANTS[name])

    [finding] = verify(names=[name])
    assert finding.count == len(finding.breaches) >= 1
