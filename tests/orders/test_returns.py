"""Pieces come back."""

import pytest

from core.errors import Conflict, InvalidInput, NotAllowed
from inventory.models import SerialNumber, StockEntry, StockHold, StockPolicy
from orders.models import OrderLine, Return, ReturnCondition, Shipment
from orders.services import confirm_orders, record_return, ship_order, ship_orders
from tests.factories import make_order, make_stock, make_user, make_warehouse
from tests.orders.stories import assert_sound, counters, sentences

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return make_stock(on_hand=9)


@pytest.fixture
def order(item):
    order = make_order((item.variant, 3), shipping=500)
    OrderLine.objects.filter(order=order, kind="product").update(total=1000)
    order.goods_total, order.total = 1000, 1500
    order.save(update_fields=["goods_total", "total"])
    confirm_orders(order_ids=[order.pk])
    ship_orders(order_ids=[order.pk])
    return order


def test_values_of_returns_add_up_to_the_line(order, item):
    line = order.lines.get(kind="product")

    values = [record_return(order_id=order.pk, quantities={line.pk: 1}, reason="small").total for _ in range(3)]

    assert values == [333, 333, 334]
    assert counters(item) == (9, 0)
    line.refresh_from_db()
    assert line.returned_count == 3
    assert sentences(order)[2] == "1 piece came back (R-0000001), 1 piece back in stock: small"
    assert_sound()


def test_without_restocking_the_shelf_stays_as_it_is(order, item):
    line = order.lines.get(kind="product")

    back = record_return(order_id=order.pk, quantities={line.pk: 2}, condition=ReturnCondition.NOT_KEPT)

    assert list(back.lines.values_list("quantity", "total", "is_restocked", "variant")) == [
        (2, 666, False, item.variant_id)
    ]
    assert counters(item) == (6, 0)
    assert not StockEntry.objects.filter(kind="return").exists()
    assert sentences(order)[2] == "2 pieces came back (R-0000001), 0 pieces back in stock"
    assert_sound()


def test_pieces_go_back_where_they_came_from_or_where_one_says(order, item):
    line, elsewhere = order.lines.get(kind="product"), make_warehouse()

    record_return(order_id=order.pk, quantities={line.pk: 1})
    record_return(order_id=order.pk, quantities={line.pk: 1}, warehouse_id=elsewhere.pk)

    assert counters(item) == (7, 0)
    assert elsewhere.stock_items.get().on_hand == 1
    assert_sound()


def test_what_left_before_we_knew_needs_a_warehouse(order):
    Shipment.objects.update(warehouse=None)
    line = order.lines.get(kind="product")

    with pytest.raises(InvalidInput, match="Choose the warehouse"):
        record_return(order_id=order.pk, quantities={line.pk: 1})

    assert not Return.objects.exists()
    record_return(order_id=order.pk, quantities={line.pk: 1}, condition=ReturnCondition.NOT_KEPT)


def test_wrong_pieces_are_refused_and_nothing_changes(order, item):
    line, shipping = order.lines.get(kind="product"), order.lines.get(kind="shipping")

    for quantities in ({}, {line.pk: 0}, {line.pk: 4}, {line.pk: -1}, {shipping.pk: 1}, {0: 1}):
        with pytest.raises(InvalidInput):
            record_return(order_id=order.pk, quantities=quantities)

    assert not Return.objects.exists()
    assert counters(item) == (6, 0)
    assert len(sentences(order)) == 2


def test_the_same_key_returns_once(order, item):
    line = order.lines.get(kind="product")
    first = record_return(order_id=order.pk, quantities={line.pk: 1}, key="k")

    assert record_return(order_id=order.pk, quantities={line.pk: 1}, key="k") == first
    with pytest.raises(Conflict):
        record_return(order_id=order.pk, quantities={line.pk: 2}, key="k")

    assert counters(item) == (7, 0)


def test_the_right_is_needed_but_none_to_adjust_stock(order, item):
    line = order.lines.get(kind="product")
    with pytest.raises(NotAllowed):
        record_return(
            order_id=order.pk, quantities={line.pk: 1}, actor=make_user(permissions=["inventory.adjust_stock"])
        )
    assert counters(item) == (6, 0)
    record_return(order_id=order.pk, quantities={line.pk: 1}, actor=make_user(permissions=["orders.record_return"]))
    assert counters(item) == (7, 0)


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        (ReturnCondition.OPENED, "opened"),
        (ReturnCondition.DAMAGED, "damaged"),
        (ReturnCondition.QUARANTINE, "quarantine"),
    ],
)
def test_what_is_not_as_good_as_new_comes_back_into_a_hold(order, item, condition, kind):
    line = order.lines.get(kind="product")

    back = record_return(order_id=order.pk, quantities={line.pk: 2}, condition=condition, reason="box torn")

    held = StockHold.objects.get()
    assert (held.kind, held.quantity, held.reference, held.note) == (kind, 2, back.number, "box torn")
    item.refresh_from_db()
    assert (item.on_hand, item.held, item.available) == (8, 2, 6)
    assert sentences(order)[2] == f"2 pieces came back (R-0000001). {condition.label}: box torn"
    assert_sound()


def test_numbered_pieces_leave_with_their_numbers_and_come_back_with_them():
    item = make_stock(on_hand=3)
    StockPolicy.objects.create(variant=item.variant, tracks_serials=True)
    order = make_order((item.variant, 2))
    confirm_orders(order_ids=[order.pk])
    line = order.lines.get(kind="product")

    report = ship_orders(order_ids=[order.pk])
    assert (report.done, [refusal.reason for refusal in report.refused]) == (
        [],
        ["Ship it by itself, with its serial numbers."],
    )
    ship_order(order_id=order.pk, serials={line.pk: ["A1", "A2"]})
    record_return(order_id=order.pk, quantities={line.pk: 1}, serials={line.pk: ["A2"]})

    assert list(SerialNumber.objects.order_by("number").values_list("number", "state", "stock_item")) == [
        ("A1", "shipped", None),
        ("A2", "in_stock", item.pk),
    ]
    assert_sound()
