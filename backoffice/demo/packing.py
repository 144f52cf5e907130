"""The day at the packing table: orders told on the phone, a present, parcels planned, two waves, some scans."""

from collections.abc import Mapping
from datetime import timedelta

from backoffice.demo.premises import channel_ids, warehouse_ids
from catalog.models import SalesChannel
from inventory.models import StockItem
from inventory.selectors import shop_day
from orders.models import LineKind, NoshiKind, NoshiPlace, Order, OrderLine, OrderStatus, ParcelReason, ParcelState
from orders.services import (
    GiftWish,
    WantedLine,
    WantedOrder,
    combine_orders,
    confirm_orders,
    divide_order,
    place_manual_order,
    save_draft,
)
from purchasing.services import value_movements
from shipping.models import Wave
from shipping.selectors.packing import parcel_of
from shipping.selectors.waving import WaveCriteria, open_orders, preview_wave
from shipping.services import make_wave, print_slips, scan, start_packing, start_picking
from staff.models import User

Team = Mapping[str, User]
WAVE = 6
CALLER = {
    "buyer_name": "문하늘", "buyer_phone": "010-0000-4410", "recipient_name": "문하늘",
    "recipient_phone": "010-0000-4410", "postcode": "06236", "region": "서울특별시", "city": "강남구",
    "address_1": "테헤란로 152", "address_2": "1203호", "country": "KR",
}  # fmt: skip
NEIGHBOUR = {
    **CALLER, "buyer_name": "서가람", "buyer_phone": "010-0000-4420", "recipient_name": "서가람",
    "recipient_phone": "010-0000-4420", "address_2": "1504호",
}  # fmt: skip
GIVER = {
    "buyer_name": "水野 はるか", "buyer_phone": "0800-000-5521", "recipient_name": "水野 和子",
    "recipient_kana": "ミズノ カズコ", "recipient_phone": "0800-000-5522", "postcode": "150-0002",
    "region": "東京都", "city": "渋谷区", "address_1": "渋谷2-21-1", "address_2": "見本ビル3F", "country": "JP",
}  # fmt: skip
PRESENT = GiftWish(
    wrapping="緑の包装紙", noshi_kind=NoshiKind.FAMILY.value, noshi_name="水野", noshi_place=NoshiPlace.INSIDE.value,
    message="いつもありがとうございます。",
)  # fmt: skip


def pack_today(*, team: Team) -> int:
    """Write phone orders, plan parcels, make waves and pack a little; return how many waves there are."""
    _take_calls(team["manager"])
    _divide_one(team["manager"])
    for place, warehouse_id in enumerate(sorted(warehouse_ids().values())):
        criteria = WaveCriteria(warehouse_id=warehouse_id, most=WAVE)
        if not preview_wave(criteria).order_ids:
            continue
        wave = make_wave(criteria=criteria, key=f"demo-{warehouse_id}", actor=team["manager"])
        start_picking(wave_id=wave.pk, actor=team["warehouse"])
        if not place:
            _pack(wave, team["warehouse"])
    while value_movements():
        pass
    return Wave.objects.count()


def _goods(channel_code: str, count: int) -> tuple[SalesChannel, list[WantedLine]]:
    """Return what is well in stock, at what it was sold for on the channel last."""
    channel = SalesChannel.objects.get(pk=channel_ids()[channel_code])
    there = StockItem.objects.filter(on_hand__gte=20, reserved=0).values("variant")
    sold = OrderLine.objects.filter(
        order__sales_channel=channel, kind=LineKind.PRODUCT, variant__in=there, unit_price__gt=0
    )
    lines: dict[int, WantedLine] = {}
    for variant_id, price in sold.order_by("-pk").values_list("variant", "unit_price")[:60]:
        if variant_id is not None and variant_id not in lines:
            lines[variant_id] = WantedLine(variant_id=variant_id, price=int(price), reason="전화 주문 · 電話注文")
    return channel, list(lines.values())[:count]


def _take_calls(manager: User) -> None:
    """Two orders to one door become one parcel, two others could, a present goes to Japan; one thinks it over."""
    korea, goods = _goods("seoul-shop", 5)
    japan, presents = _goods("rakuten", 1)
    if len(goods) < 5 or not presents:
        return
    twice, again = (
        [
            place_manual_order(
                wanted=WantedOrder(
                    sales_channel_id=korea.pk, lines=[line], contact=contact, is_prepaid=False, staff_note="전화 주문",
                ),
                key=f"demo-call-{line.variant_id}", actor=manager,
            ).pk
            for line in lines
        ]
        for contact, lines in ((CALLER, goods[:2]), (NEIGHBOUR, goods[3:]))
    )  # fmt: skip
    gift = place_manual_order(
        wanted=WantedOrder(
            sales_channel_id=japan.pk, lines=presents, contact=GIVER, is_prepaid=False, gift=PRESENT,
            staff_note="電話で承りました",
        ),
        key="demo-gift", actor=manager,
    )  # fmt: skip
    confirm_orders(order_ids=[*twice, *again, gift.pk], actor=manager)
    ready = Order.objects.ready_to_pick(shop_day()).filter(pk__in=twice)
    if ready.count() == len(twice):
        combine_orders(order_ids=twice, actor=manager)
    save_draft(
        wanted=WantedOrder(sales_channel_id=korea.pk, lines=goods[2:3], contact=CALLER, staff_note="내일 다시 전화"),
        prices_until=shop_day() + timedelta(days=7), actor=manager,
    )  # fmt: skip


def _divide_one(manager: User) -> None:
    """Let one order of several goods leave in two parcels."""
    ready = Order.objects.ready_to_pick(shop_day()).filter(status=OrderStatus.TO_SHIP)
    for order in ready.exclude(lines__parcel_pieces__parcel__state=ParcelState.PLANNED).order_by("pk"):
        lines = list(order.lines.filter(kind=LineKind.PRODUCT, variant__isnull=False).order_by("position"))
        if len(lines) > 1:
            divide_order(
                order_id=order.pk, reason=ParcelReason.HAND, parcels=[{lines[0].pk: lines[0].quantity}], actor=manager
            )
            return


def _pack(wave: Wave, packer: User) -> None:
    """Pack one order whole and begin another one with a wrong piece."""
    start_packing(wave_id=wave.pk, actor=packer)
    inside = list(open_orders(wave.pk))
    print_slips(order_ids=[one.order_id for one in inside], actor=packer)
    first, *others = inside
    begun = scan(code=first.order.number, key="demo-scan-0", actor=packer)
    if begun.packing is not None:
        needs = parcel_of(packing=begun.packing).needs
        skus = dict(first.order.lines.values_list("variant_id", "variant__sku"))
        for place, need in enumerate(needs):
            for piece in range(need.wanted):
                scan(
                    code=skus[need.variant_id],
                    packing_id=begun.packing.pk,
                    key=f"demo-scan-{place}-{piece}",
                    actor=packer,
                )
    if others:
        again = scan(code=others[0].order.number, key="demo-scan-next", actor=packer)
        if again.packing is not None:
            scan(code="4900000000000", packing_id=again.packing.pk, key="demo-scan-wrong", actor=packer)
