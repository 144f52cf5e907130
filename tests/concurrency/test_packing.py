"""Two packers at one order, a customer who cancels while the packer scans, two people who make waves at once."""

import pytest

from orders.models import Order, OrderStatus, Shipment
from orders.services import cancel_orders
from shipping.models import Packing, WaveOrder
from shipping.services import follow_orders, make_wave, scan
from tests.concurrency.race import race
from tests.factories import make_stock, make_user, make_variant
from tests.orders.stories import assert_sound, counters
from tests.shipping.packing_table import criteria_of, ready_order

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_the_last_scan_and_the_cancellation_exactly_one_wins():
    item = make_stock(make_variant(sku="TEE"), on_hand=100)
    orders = [ready_order((item, 1)) for _ in range(12)]
    make_wave(criteria=criteria_of(item))
    tables = [(order.pk, scan(code=order.number).packing_id) for order in orders]

    packed, cancelled = race(
        lambda: [scan(code="TEE", packing_id=packing).outcome for _order, packing in tables],
        lambda: [bool(cancel_orders(order_ids=[order], reason="race").done) for order, _packing in reversed(tables)],
    )

    assert {packed.kind, cancelled.kind} == {"done"}
    for told, called_off in zip(packed.value, reversed(cancelled.value), strict=True):
        assert (told, called_off) in {("complete", False), ("cancelled", True)}
    shipped = packed.value.count("complete")
    assert Shipment.objects.count() == Order.objects.filter(status=OrderStatus.SHIPPED).count() == shipped
    assert counters(item) == (100 - shipped, 0)
    follow_orders(order_ids=[order.pk for order in orders])
    assert_sound()


def test_of_two_packers_at_one_order_the_second_is_told():
    item = make_stock(make_variant(sku="TEE"), on_hand=100)
    order = ready_order((item, 1))
    one, two = (make_user(permissions=["orders.ship_order"]) for _ in range(2))

    opened = race(*[lambda who=who: scan(code=order.number, actor=who).outcome for who in (one, two)])
    packing = Packing.objects.get()
    last = race(*[lambda: scan(code="TEE", packing_id=packing.pk).outcome] * 2)

    assert sorted(result.value for result in opened) == ["started", "taken"]
    assert sorted(result.value for result in last) == ["complete", "packed"]
    assert counters(item) == (99, 0)
    assert_sound()


def test_one_scan_sent_twice_at_once_is_one_piece():
    item = make_stock(make_variant(sku="TEE"), on_hand=100)
    packing = scan(code=ready_order((item, 2)).number).packing_id

    one, two = race(*[lambda: scan(code="TEE", packing_id=packing, key="press").pk] * 2)

    assert one == two
    assert one.kind == "done"
    assert not Shipment.objects.exists()


def test_waves_made_at_once_share_no_order():
    item = make_stock(on_hand=100)
    for _ in range(30):
        ready_order((item, 1))

    waves = race(*[lambda: make_wave(criteria=criteria_of(item, most=10)).pk] * 3)

    assert {result.kind for result in waves} <= {"done", "refused"}  # refused: the others had locked what was left
    taken = list(WaveOrder.objects.values_list("order_id", flat=True))
    assert len(taken) == len(set(taken)) >= 10
    numbers = sorted({row.wave.number for row in WaveOrder.objects.select_related("wave")})
    assert numbers == [f"W-{count:07d}" for count in range(1, len(numbers) + 1)]
    assert_sound()
