"""Shipping orders, in bulk and in part."""

import pytest

from core.errors import Conflict, DomainError, InvalidInput, NotAllowed
from inventory.models import Reservation
from orders.models import Order, OrderStatus, Shipment, ShipmentLine
from orders.services import cancel_order, confirm_orders, ship_order, ship_orders
from tests.factories import make_order, make_stock, make_user, make_warehouse
from tests.orders.stories import assert_sound, counters, sentences

pytestmark = pytest.mark.django_db


def confirmed(*lines, **over):
    order = make_order(*lines, **over)
    assert confirm_orders(order_ids=[order.pk]).done == [order.pk]
    return order


def test_shipping_in_bulk_makes_one_shipment_each_and_consumes_the_stock():
    item = make_stock(on_hand=9)
    one, two = confirmed((item.variant, 2), (item.variant, 1)), confirmed((item.variant, 3))

    report = ship_orders(order_ids=[one.pk, two.pk], carrier="CJ", tracking_numbers={one.pk: "111"})

    assert (report.done, report.refused) == ([one.pk, two.pk], [])
    assert counters(item) == (3, 0)
    assert list(Shipment.objects.order_by("id").values_list("order", "carrier", "tracking_number", "warehouse")) == [
        (one.pk, "CJ", "111", item.warehouse_id),
        (two.pk, "CJ", "", item.warehouse_id),
    ]
    assert list(ShipmentLine.objects.order_by("line_id").values_list("quantity", flat=True)) == [2, 1, 3]
    one.refresh_from_db()
    assert one.status == OrderStatus.SHIPPED
    assert one.shipped_at is not None
    assert sentences(one)[1:] == ["3 pieces shipped with CJ 111; the order is complete"]
    assert_sound()


def test_some_pieces_first_and_the_rest_later():
    item = make_stock(on_hand=9, warehouse=make_warehouse(name="Seoul"))
    order = confirmed((item.variant, 2), (item.variant, 3))
    first, second = order.lines.order_by("position")

    [parcel] = ship_order(order_id=order.pk, quantities={first.pk: 0, second.pk: 1}, carrier="CJ")

    order.refresh_from_db()
    assert order.status == OrderStatus.PARTLY_SHIPPED
    assert order.shipped_at is None
    assert list(parcel.lines.values_list("line", "quantity")) == [(second.pk, 1)]
    assert counters(item) == (8, 4)
    assert_sound()

    ship_order(order_id=order.pk)

    order.refresh_from_db()
    assert order.status == OrderStatus.SHIPPED
    assert counters(item) == (4, 0)
    last = Shipment.objects.latest("id")
    assert sentences(order)[1:] == [
        "1 piece shipped with CJ; the rest follows",
        f"4 pieces shipped with {last.number}; the order is complete",
    ]
    assert_sound()


def test_wrong_pieces_are_refused_and_nothing_changes():
    item = make_stock(on_hand=9)
    order = confirmed((item.variant, 2))
    foreign = confirmed((item.variant, 1)).lines.get()
    line = order.lines.get()

    for quantities in ({line.pk: 3}, {line.pk: -1}, {foreign.pk: 1}, {line.pk: 0}, {}):
        with pytest.raises(InvalidInput):
            ship_order(order_id=order.pk, quantities=quantities)

    assert not Shipment.objects.exists()
    assert counters(item) == (9, 3)
    assert Order.objects.get(pk=order.pk).status == OrderStatus.TO_SHIP


def test_the_same_key_ships_once_and_other_content_is_a_conflict():
    item = make_stock(on_hand=9)
    order = confirmed((item.variant, 4))
    line = order.lines.get()

    [first] = ship_order(order_id=order.pk, quantities={line.pk: 1}, key="click-1")
    [again] = ship_order(order_id=order.pk, quantities={line.pk: 1}, key="click-1")

    assert first == again
    assert counters(item) == (8, 3)
    with pytest.raises(Conflict):
        ship_order(order_id=order.pk, quantities={line.pk: 2}, key="click-1")
    assert counters(item) == (8, 3)
    assert_sound()


def test_what_is_not_to_ship_is_refused_with_its_state():
    item = make_stock(on_hand=9)
    shipped, waiting, cancelled = (
        confirmed((item.variant, 1)),
        make_order((item.variant, 1)),
        make_order((item.variant, 1)),
    )
    ship_orders(order_ids=[shipped.pk])
    cancel_order(order_id=cancelled.pk, reason="x")

    report = ship_orders(order_ids=[shipped.pk, waiting.pk, cancelled.pk])

    assert report.done == []
    assert [r.reason for r in report.refused] == [
        "It cannot be shipped while it is “Shipped”.",
        "It cannot be shipped while it is “To confirm”.",
        "It cannot be shipped while it is “Cancelled”.",
    ]
    with pytest.raises(DomainError):
        ship_order(order_id=waiting.pk)
    assert Shipment.objects.count() == 1
    assert_sound()


def test_an_order_whose_pieces_are_not_held_is_refused():
    item = make_stock(on_hand=9)
    broken, good = confirmed((item.variant, 2)), confirmed((item.variant, 1))
    Reservation.objects.filter(reference=broken.number).update(released=1)

    report = ship_orders(order_ids=[broken.pk, good.pk])

    assert report.done == [good.pk]
    assert [(r.order_id, r.reason) for r in report.refused] == [(broken.pk, "Not all of its pieces are reserved.")]


def test_an_order_of_services_only_is_complete_without_a_shipment():
    order = confirmed(shipping=3000)

    assert ship_orders(order_ids=[order.pk]).done == [order.pk]

    assert Order.objects.get(pk=order.pk).status == OrderStatus.SHIPPED
    assert not Shipment.objects.exists()
    assert sentences(order)[1:] == ["Complete; there is nothing left to ship"]
    assert_sound()


def test_without_the_right_nothing_leaves():
    item = make_stock(on_hand=9)
    order = confirmed((item.variant, 1))
    stranger = make_user(permissions=["orders.confirm_order"])

    with pytest.raises(NotAllowed):
        ship_orders(order_ids=[order.pk], actor=stranger)
    with pytest.raises(NotAllowed):
        ship_order(order_id=order.pk, actor=stranger)

    assert counters(item) == (9, 1)


def test_the_number_of_statements_does_not_grow_with_the_batch(django_assert_num_queries):
    items = [make_stock(on_hand=1000) for _ in range(3)]
    variants = [item.variant for item in items]
    few = [make_order((variants[n % 3], 1), (variants[(n + 1) % 3], 2)).pk for n in range(2)]
    many = [make_order((variants[n % 3], 1), (variants[(n + 1) % 3], 2)).pk for n in range(30)]
    confirm_orders(order_ids=few + many)
    clerk = make_user(is_superuser=True)

    for ids in (few, many):
        with django_assert_num_queries(25):
            assert len(ship_orders(order_ids=ids, actor=clerk).done) == len(ids)
    assert_sound()
