"""Two people change, combine, ship and cancel the same orders at the same moment."""

import pytest

from orders.models import Order, OrderChange, OrderStatus, Parcel, ParcelPiece
from orders.services import (
    LineEdit,
    OrderEdit,
    WantedLine,
    WantedOrder,
    cancel_order,
    change_order,
    combine_orders,
    confirm_orders,
    hold_orders,
    place_manual_order,
    ship_order,
    ship_parcel,
)
from tests.concurrency.race import race
from tests.factories import make_channel, make_order, make_stock, make_variant, make_warehouse
from tests.orders.stories import assert_sound, counters

pytestmark = pytest.mark.django_db(transaction=True)
HOME = {"recipient_name": "Kim", "address_1": "Street 1"}


def ready(item, count=2):
    order = make_order((item.variant, count), **HOME)
    confirm_orders(order_ids=[order.pk])
    return order


def more(order, count):
    line = order.lines.get().pk
    return lambda: change_order(order_id=order.pk, edit=OrderEdit(lines=[LineEdit(line_id=line, quantity=count)])).pk


def test_changing_against_shipping_ships_what_the_order_says():
    item = make_stock(on_hand=100, warehouse=make_warehouse())
    order = ready(item)
    changed, shipped = race(more(order, 5), lambda: len(ship_order(order_id=order.pk)))
    order.refresh_from_db()
    line = order.lines.get()
    assert shipped.kind == "done"
    assert (order.status, line.shipped_count) == (OrderStatus.SHIPPED, 5 if changed.kind == "done" else 2)
    assert counters(item) == (100 - line.shipped_count, 0)
    assert_sound()


def test_two_changes_with_one_key_are_one():
    item = make_stock(on_hand=100, warehouse=make_warehouse())
    order = ready(item)
    edit = OrderEdit(lines=[LineEdit(line_id=order.lines.get().pk, quantity=4)])
    one, two = race(*[lambda: change_order(order_id=order.pk, edit=edit, key="k").pk for _ in range(2)])
    assert {one.kind, two.kind} == {"done"}
    assert (OrderChange.objects.count(), counters(item)) == (1, (100, 4))


def test_an_order_is_in_one_parcel_whoever_combines():
    item = make_stock(on_hand=100, warehouse=make_warehouse())
    orders = [ready(item).pk for _ in range(3)]
    answers = race(
        lambda: combine_orders(order_ids=orders[:2]).pk, lambda: combine_orders(order_ids=list(reversed(orders))).pk
    )
    assert sorted(answer.kind for answer in answers) == ["done", "refused"]
    assert Parcel.objects.count() == 1
    assert_sound()


@pytest.mark.parametrize("way", ["cancel", "hold", "change"])
def test_a_parcel_leaves_whole_or_without_who_fell_out(way):
    item = make_stock(on_hand=100, warehouse=make_warehouse())
    orders = [ready(item) for _ in range(3)]
    parcel = combine_orders(order_ids=[order.pk for order in orders])
    first = orders[0]
    act = {
        "cancel": lambda: cancel_order(order_id=first.pk, reason="race").pk,
        "hold": lambda: len(hold_orders(order_ids=[first.pk], reason="address").done),
        "change": more(first, 3),
    }[way]
    race(act, lambda: len(ship_parcel(parcel_id=parcel.pk, tracking_number="1")))
    left = set(Order.objects.filter(status=OrderStatus.SHIPPED).values_list("pk", flat=True))
    assert left in (set(), {order.pk for order in orders}, {order.pk for order in orders[1:]})
    if not left:
        assert first.pk not in set(ParcelPiece.objects.values_list("line__order_id", flat=True))
    assert_sound()


def test_a_phone_order_that_is_sent_twice_is_placed_once():
    channel, variant = make_channel(), make_variant()
    wanted = WantedOrder(
        sales_channel_id=channel.pk, lines=[WantedLine(variant_id=variant.pk, price=100, reason="agreed")]
    )
    one, two = race(*[lambda: place_manual_order(wanted=wanted, key="k").pk for _ in range(2)])
    assert one == two
    assert Order.objects.count() == 1
