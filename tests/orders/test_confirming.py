"""Confirming and allocating orders."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.models import EventRecord
from inventory.models import EntryKind, Reservation, StockItem
from inventory.services import EntryLine, post_entry
from orders.models import Allocation, Order, OrderStatus
from orders.services import allocate_orders, allocate_waiting_orders, cancel_order, confirm_order, confirm_orders
from tests.factories import make_order, make_stock, make_user, make_warehouse
from tests.orders.stories import assert_sound, counters, sentences

pytestmark = pytest.mark.django_db


def test_confirmation_reserves_all_pieces_and_says_where():
    item = make_stock(on_hand=5, warehouse=make_warehouse(name="Seoul"))
    clerk = make_user(permissions=["orders.confirm_order"])
    order = make_order((item.variant, 2), (item.variant, 1), shipping=3000)

    report = confirm_orders(order_ids=[order.pk], actor=clerk)

    assert (report.done, report.waiting, report.refused) == ([order.pk], {}, [])
    order.refresh_from_db()
    assert order.status == OrderStatus.TO_SHIP
    assert order.confirmed_at is not None
    assert counters(item) == (5, 3)
    assert sentences(order) == ["Confirmed; 3 pieces reserved in Seoul"]
    assert EventRecord.objects.latest("id").actor == clerk
    assert_sound()


def test_an_order_that_cannot_be_served_waits_and_holds_nothing():
    plenty, scarce = make_stock(on_hand=9), make_stock(on_hand=1)
    order = make_order((plenty.variant, 2), (scarce.variant, 2))

    report = confirm_orders(order_ids=[order.pk])

    assert report.waiting == {order.pk: [scarce.variant.sku]}
    order.refresh_from_db()
    assert order.status == OrderStatus.AWAITING_STOCK
    assert counters(plenty) == (9, 0)
    assert sentences(order) == [f"Confirmed; waits for stock of {scarce.variant.sku}"]
    assert_sound()


def test_stock_goes_to_orders_in_the_sequence_given_and_a_big_one_blocks_no_small_one():
    item = make_stock(on_hand=3)
    first, big, small = (make_order((item.variant, n)) for n in (2, 2, 1))

    report = confirm_orders(order_ids=[big.pk, first.pk, small.pk])

    assert report.done == [big.pk, small.pk]
    assert report.waiting == {first.pk: [item.variant.sku]}
    assert counters(item) == (3, 3)
    assert_sound()


def test_refusals_leave_the_orders_and_do_not_hinder_the_others():
    item = make_stock(on_hand=9)
    good = make_order((item.variant, 1))
    new = make_order((item.variant, 1), status=OrderStatus.NEW)
    unknown = make_order((None, 1))
    gone = 10**9

    report = confirm_orders(order_ids=[new.pk, unknown.pk, gone, good.pk])

    assert report.done == [good.pk]
    assert [(r.order_id, r.number, r.reason) for r in report.refused] == [
        (
            new.pk,
            new.number,
            "This cannot go from “New (to check)” to “Waiting for stock”. Reload the page to see its state.",
        ),
        (unknown.pk, unknown.number, "A line has no product yet. Match it first."),
        (gone, str(gone), "There is no such order any more."),
    ]
    assert set(Order.objects.filter(pk__in=[new.pk, unknown.pk]).values_list("status", "confirmed_at")) == {
        ("new", None),
        ("to_confirm", None),
    }
    assert counters(item) == (9, 1)
    assert sentences(new) == sentences(unknown) == []


def test_confirming_twice_confirms_once():
    item = make_stock(on_hand=9)
    order = make_order((item.variant, 2))
    confirm_order(order_id=order.pk)

    with pytest.raises(DomainError, match="cannot go from “To ship”"):
        confirm_order(order_id=order.pk)

    assert counters(item) == (9, 2)
    assert Reservation.objects.count() == Allocation.objects.count() == 1
    assert len(sentences(order)) == 1


def test_without_the_right_nothing_happens():
    item = make_stock(on_hand=9)
    order = make_order((item.variant, 2))
    stranger = make_user(permissions=["orders.view_order", "orders.ship_order"])

    for service in (confirm_orders, allocate_orders):
        with pytest.raises(NotAllowed):
            service(order_ids=[order.pk], actor=stranger)

    order.refresh_from_db()
    assert order.status == OrderStatus.TO_CONFIRM
    assert counters(item) == (9, 0)
    assert sentences(order) == []


def test_an_order_of_services_only_is_to_ship_at_once():
    order = make_order(shipping=3000)

    assert confirm_order(order_id=order.pk).status == OrderStatus.TO_SHIP
    assert sentences(order) == ["Confirmed; there is nothing to reserve"]
    assert_sound()


def test_waiting_orders_get_stock_the_oldest_first_and_only_once():
    item = make_stock(on_hand=0, warehouse=make_warehouse(name="Osaka"))
    other = make_stock(on_hand=0)
    now = timezone.now()
    young = make_order((item.variant, 2), placed_at=now)
    old = make_order((item.variant, 2), placed_at=now - timedelta(days=2))
    elsewhere = make_order((other.variant, 1), placed_at=now - timedelta(days=3))
    confirm_orders(order_ids=[young.pk, old.pk, elsewhere.pk])
    receive(item, 3)

    report = allocate_waiting_orders(variant_id=item.variant_id)

    assert report.done == [old.pk]
    assert [(r.order_id, r.reason) for r in report.refused] == [(young.pk, f"Still short: {item.variant.sku}")]
    assert allocate_orders(order_ids=[old.pk]).refused[0].reason == "It does not wait for stock."
    assert counters(item) == (3, 2)
    assert sentences(old)[1:] == ["Stock came in; 2 pieces reserved in Osaka"]
    assert allocate_waiting_orders().done == []
    assert_sound()


def test_a_cancelled_order_gets_no_stock():
    item = make_stock(on_hand=0)
    order = make_order((item.variant, 2))
    confirm_order(order_id=order.pk)
    cancel_order(order_id=order.pk, reason="waited too long")
    receive(item, 5)

    assert allocate_waiting_orders().done == []
    assert counters(item) == (5, 0)


def test_the_number_of_statements_does_not_grow_with_the_batch(django_assert_num_queries):
    items = [make_stock(on_hand=1000) for _ in range(3)]
    variants = [item.variant for item in items]
    few = [make_order((variants[n % 3], 1), (variants[(n + 1) % 3], 2)).pk for n in range(2)]
    many = [make_order((variants[n % 3], 1), (variants[(n + 1) % 3], 2)).pk for n in range(30)]
    clerk = make_user(is_superuser=True)

    for ids in (few, many):
        with django_assert_num_queries(9):
            assert len(confirm_orders(order_ids=ids, actor=clerk).done) == len(ids)
    assert_sound()


def receive(item: StockItem, pieces: int) -> None:
    line = EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=pieces)
    post_entry(kind=EntryKind.RECEIPT, lines=[line])


def test_orders_that_cannot_be_served_do_not_hold_up_those_that_can():
    scarce, plenty = make_stock(on_hand=1), make_stock(on_hand=0)
    hopeless, served = make_order((scarce.variant, 2)), make_order((plenty.variant, 1))
    confirm_orders(order_ids=[hopeless.pk, served.pk])
    post_entry(
        kind=EntryKind.RECEIPT,
        lines=[EntryLine(variant_id=plenty.variant_id, warehouse_id=plenty.warehouse_id, quantity=1)],
    )

    report = allocate_waiting_orders(limit=1)

    assert (report.done, report.refused) == ([served.pk], [])
    hopeless.refresh_from_db()
    assert hopeless.status == OrderStatus.AWAITING_STOCK
