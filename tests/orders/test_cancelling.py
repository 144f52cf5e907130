"""Calling orders off."""

import pytest

from core.errors import DomainError, InvalidInput, NotAllowed
from inventory.models import StockEntry
from orders.models import Order, OrderStatus
from orders.services import cancel_order, cancel_orders, confirm_orders, ship_order, ship_orders
from tests.factories import make_order, make_stock, make_user
from tests.orders.stories import assert_sound, counters, sentences

pytestmark = pytest.mark.django_db


def confirmed(*lines):
    order = make_order(*lines)
    confirm_orders(order_ids=[order.pk])
    return order


def test_cancelling_frees_what_was_reserved():
    item = make_stock(on_hand=9)
    reserved, untouched = confirmed((item.variant, 2), (item.variant, 1)), make_order((item.variant, 1))

    report = cancel_orders(order_ids=[reserved.pk, untouched.pk], reason="changed their mind")

    assert (report.done, report.refused) == ([reserved.pk, untouched.pk], [])
    assert counters(item) == (9, 0)
    reserved.refresh_from_db()
    assert reserved.status == OrderStatus.CANCELLED
    assert reserved.cancelled_at is not None
    assert reserved.cancel_reason == "changed their mind"
    assert list(reserved.lines.values_list("cancelled_count", flat=True)) == [2, 1]
    assert sentences(reserved)[1:] == ["Cancelled: changed their mind; 3 pieces free again"]
    assert sentences(untouched) == ["Cancelled: changed their mind"]
    assert_sound()


def test_without_restocking_the_pieces_are_written_off_with_the_reason():
    item = make_stock(on_hand=9)
    order = confirmed((item.variant, 2), (item.variant, 1))

    cancel_order(order_id=order.pk, reason="damaged", restock=False)

    assert counters(item) == (6, 0)
    entry = StockEntry.objects.latest("id")
    assert (entry.kind, entry.reason, entry.reference) == ("adjustment", "damaged", order.number)
    assert sentences(order)[1:] == ["Cancelled: damaged; 3 pieces written off"]
    assert_sound()


def test_of_a_partly_shipped_order_only_the_rest_is_cancelled():
    item = make_stock(on_hand=9)
    order = confirmed((item.variant, 3))
    ship_order(order_id=order.pk, quantities={order.lines.get().pk: 1})

    bulk = cancel_orders(order_ids=[order.pk], reason="x")
    assert bulk.done == []
    assert counters(item) == (8, 2)

    assert cancel_order(order_id=order.pk, reason="sold out").status == OrderStatus.SHIPPED

    line = order.lines.get()
    assert (line.shipped_count, line.cancelled_count) == (1, 2)
    assert counters(item) == (8, 0)
    assert sentences(order)[-1] == "The remaining 2 pieces cancelled: sold out; 2 pieces free again"
    assert_sound()


def test_shipped_and_cancelled_orders_are_refused():
    item = make_stock(on_hand=9)
    shipped, cancelled = confirmed((item.variant, 1)), confirmed((item.variant, 1))
    ship_orders(order_ids=[shipped.pk])
    cancel_order(order_id=cancelled.pk, reason="first")

    report = cancel_orders(order_ids=[shipped.pk, cancelled.pk], reason="second")

    assert report.done == []
    assert len(report.refused) == 2
    for order in (shipped, cancelled):
        with pytest.raises(DomainError):
            cancel_order(order_id=order.pk, reason="second")
    assert Order.objects.get(pk=cancelled.pk).cancel_reason == "first"
    assert counters(item) == (8, 0)
    assert_sound()


def test_a_reason_and_the_right_are_needed():
    order = make_order((make_stock().variant, 1))

    with pytest.raises(InvalidInput):
        cancel_order(order_id=order.pk, reason=" ")
    with pytest.raises(NotAllowed):
        cancel_orders(order_ids=[order.pk], reason="x", actor=make_user(permissions=["orders.ship_order"]))

    assert Order.objects.get(pk=order.pk).status == OrderStatus.TO_CONFIRM
    assert sentences(order) == []
