"""Orders that ship what is there first, orders served from a warehouse somebody chose, nothing before its release."""

from datetime import timedelta

import pytest

from core.errors import DomainError
from inventory.models import ChannelWarehouse, EntryKind, StockPolicy
from inventory.outlook import waiting_for
from inventory.selectors.shelves import shop_day
from inventory.services import EntryLine, post_entry
from orders.models import Order, OrderLine, Shipment
from orders.services import (
    allocate_orders,
    allocate_waiting_orders,
    cancel_order,
    confirm_orders,
    ship_order,
    ship_orders,
)
from tests.factories import make_channel, make_order, make_stock, make_variant, make_warehouse
from tests.orders.stories import assert_sound, counters

pytestmark = pytest.mark.django_db


def receive(item, quantity):
    line = EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=quantity)
    post_entry(kind=EntryKind.RECEIPT, lines=[line])


def status(order):
    order.refresh_from_db()
    return order.status


def shipped(order):
    return list(OrderLine.objects.filter(order=order).order_by("position").values_list("shipped_count", flat=True))


def owed(variant):
    return sum(one.quantity for one in waiting_for(variant_ids=[variant.pk]).get(variant.pk, ()))


def test_what_is_there_ships_first_and_the_rest_follows():
    shirt, cap = make_stock(on_hand=3), make_stock(on_hand=0)
    order = make_order((shirt.variant, 5), (cap.variant, 1))
    confirm_orders(order_ids=[order.pk])
    assert (status(order), owed(shirt.variant)) == ("awaiting_stock", 5)

    assert allocate_orders(order_ids=[order.pk], in_parts=True).done == [order.pk]

    assert (status(order), counters(shirt), owed(shirt.variant), owed(cap.variant)) == ("to_ship", (3, 3), 2, 1)
    assert_sound()
    ship_orders(order_ids=[order.pk])
    assert (status(order), shipped(order), owed(shirt.variant)) == ("partly_shipped", [3, 0], 2)
    assert [refusal.reason for refusal in ship_orders(order_ids=[order.pk]).refused] == [
        "Not all of its pieces are reserved."
    ]
    assert Shipment.objects.count() == 1

    receive(cap, 1)
    assert allocate_waiting_orders(variant_id=cap.variant_id).done == [order.pk]
    assert allocate_waiting_orders().done == []
    receive(shirt, 9)
    assert allocate_waiting_orders().done == [order.pk]
    ship_order(order_id=order.pk)
    assert (status(order), shipped(order), owed(shirt.variant)) == ("shipped", [5, 1], 0)
    assert counters(shirt) == (7, 0)
    assert_sound()


def test_nothing_there_is_no_part():
    item = make_stock(on_hand=0)
    order = make_order((item.variant, 1))
    confirm_orders(order_ids=[order.pk])
    report = allocate_orders(order_ids=[order.pk], in_parts=True)
    assert [refusal.reason for refusal in report.refused] == [f"Still short: {item.variant.sku}"]
    order.refresh_from_db()
    assert (order.status, order.ships_in_parts) == ("awaiting_stock", False)


def test_the_rest_of_a_part_is_cancelled():
    item = make_stock(on_hand=1)
    order = make_order((item.variant, 2))
    confirm_orders(order_ids=[order.pk])
    allocate_orders(order_ids=[order.pk], in_parts=True)
    ship_orders(order_ids=[order.pk])
    cancel_order(order_id=order.pk, reason="too late")
    assert status(order) == "shipped"
    assert owed(item.variant) == 0
    assert_sound()


def test_a_chosen_warehouse_serves_whatever_the_channel_has():
    near, far = make_warehouse(), make_warehouse()
    channel, variant = make_channel(), make_variant()
    ChannelWarehouse.objects.create(sales_channel=channel, warehouse=near)
    make_stock(variant, on_hand=1, warehouse=near)
    there = make_stock(variant, on_hand=5, warehouse=far)
    order = make_order((variant, 2), sales_channel=channel)
    confirm_orders(order_ids=[order.pk])
    assert allocate_orders(order_ids=[order.pk]).done == []

    assert allocate_orders(order_ids=[order.pk], warehouse_id=far.pk).done == [order.pk]

    assert (status(order), counters(there)) == ("to_ship", (5, 2))
    assert_sound()


def test_nothing_ships_before_its_release():
    item = make_stock(on_hand=5)
    StockPolicy.objects.create(variant=item.variant, release_on=shop_day() + timedelta(days=3))
    order, other = make_order((item.variant, 1)), make_order((make_stock().variant, 1))
    confirm_orders(order_ids=[order.pk, other.pk])
    assert status(order) == "to_ship"

    report = ship_orders(order_ids=[order.pk, other.pk])

    assert report.done == [other.pk]
    [refusal] = report.refused
    assert refusal.reason.startswith("It may not ship before its release on ")
    with pytest.raises(DomainError, match="before its release"):
        ship_order(order_id=order.pk)
    assert (status(order), counters(item)) == ("to_ship", (5, 1))

    StockPolicy.objects.update(release_on=shop_day())
    assert ship_orders(order_ids=[order.pk]).done == [order.pk]
    assert Order.objects.get(pk=order.pk).status == "shipped"
