"""Two people, or one impatient one, at the same orders at the same moment."""

import pytest

from inventory.models import EntryKind, Reservation
from inventory.services import EntryLine, post_entry
from orders.models import Allocation, Order, OrderStatus, Payment, Return, Shipment
from orders.services import (
    allocate_orders,
    cancel_orders,
    confirm_orders,
    record_payment,
    record_refund,
    record_return,
    ship_order,
    ship_orders,
)
from tests.concurrency.race import Result, race
from tests.factories import make_order, make_stock
from tests.orders.stories import assert_sound, counters

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_clerks_confirm_the_same_orders_once():
    item = make_stock(on_hand=100)
    ids = [make_order((item.variant, 2)).pk for _ in range(20)]

    one, two = race(
        lambda: confirm_orders(order_ids=ids).done, lambda: confirm_orders(order_ids=list(reversed(ids))).done
    )

    assert {one.kind, two.kind} == {"done"}
    assert sorted(one.value + two.value) == ids
    assert counters(item) == (100, 40)
    assert Reservation.objects.count() == Allocation.objects.count() == 20
    assert_sound()


def test_confirming_against_cancelling_ends_cancelled_and_holds_nothing():
    item = make_stock(on_hand=100)
    ids = [make_order((item.variant, 2)).pk for _ in range(20)]

    confirmed, cancelled = race(
        lambda: sum(len(confirm_orders(order_ids=[pk]).done) for pk in ids),
        lambda: sum(len(cancel_orders(order_ids=[pk], reason="race").done) for pk in reversed(ids)),
    )

    assert (confirmed.kind, cancelled) == ("done", Result("done", 20))
    assert set(Order.objects.values_list("status", flat=True)) == {OrderStatus.CANCELLED}
    assert counters(item) == (100, 0)
    assert_sound()


def test_shipping_against_cancelling_does_one_of_them():
    item = make_stock(on_hand=100)
    ids = [make_order((item.variant, 2)).pk for _ in range(20)]
    confirm_orders(order_ids=ids)

    shipped, cancelled = race(
        lambda: sum(len(ship_orders(order_ids=[pk]).done) for pk in ids),
        lambda: sum(len(cancel_orders(order_ids=[pk], reason="race").done) for pk in reversed(ids)),
    )

    assert {shipped.kind, cancelled.kind} == {"done"}
    assert shipped.value + cancelled.value == 20
    assert counters(item) == (100 - 2 * shipped.value, 0)
    assert_sound()


def test_shipping_twice_under_one_key_ships_once_and_answers_the_same():
    item = make_stock(on_hand=10)
    order = make_order((item.variant, 4))
    confirm_orders(order_ids=[order.pk])
    line = order.lines.get()

    def ship() -> list[int]:
        return [shipment.pk for shipment in ship_order(order_id=order.pk, quantities={line.pk: 2}, key="click")]

    one, two = race(ship, ship)

    assert one == two
    assert one.kind == "done"
    assert Shipment.objects.count() == 1
    assert counters(item) == (8, 2)
    assert_sound()


def test_two_workers_allocate_waiting_orders_once():
    item = make_stock(on_hand=0)
    ids = [make_order((item.variant, 1)).pk for _ in range(20)]
    confirm_orders(order_ids=ids)
    post_entry(
        kind=EntryKind.RECEIPT,
        lines=[EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=15)],
    )

    one, two = race(lambda: allocate_orders(order_ids=ids).done, lambda: allocate_orders(order_ids=ids).done)

    assert {one.kind, two.kind} == {"done"}
    assert len(one.value) + len(two.value) == len(set(one.value) | set(two.value)) == 15
    assert counters(item) == (15, 15)
    assert_sound()


def test_money_and_returns_cannot_be_recorded_beyond_what_there_is():
    item = make_stock(on_hand=10)
    order = make_order((item.variant, 2), is_prepaid=True)
    confirm_orders(order_ids=[order.pk])
    ship_orders(order_ids=[order.pk])
    record_payment(order_id=order.pk, amount=2000)
    line = order.lines.get()

    refunds = race(*[lambda: record_refund(order_id=order.pk, amount=1500).pk] * 3)
    returns = race(*[lambda: record_return(order_id=order.pk, quantities={line.pk: 2}).pk] * 3)

    assert sorted(result.kind for result in refunds) == ["done", "refused", "refused"]
    assert sorted(result.kind for result in returns) == ["done", "refused", "refused"]
    assert Payment.objects.filter(kind="refund").count() == Return.objects.count() == 1
    assert counters(item) == (10, 0)
    assert_sound()


def test_document_numbers_have_no_gaps_and_no_doubles():
    item = make_stock(on_hand=100)
    ids = [make_order((item.variant, 1)).pk for _ in range(24)]
    confirm_orders(order_ids=ids)

    race(*[lambda part=part: len(ship_orders(order_ids=ids[part::4]).done) for part in range(4)])

    numbers = sorted(Shipment.objects.values_list("number", flat=True))
    assert numbers == [f"S-{n:07d}" for n in range(1, 25)]
    assert_sound()
