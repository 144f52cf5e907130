"""Reads about stock."""

import pytest

from inventory.models import EntryKind
from inventory.selectors import (
    Availability,
    availability_of,
    low_stock_items,
    open_reservations,
    stock_by_warehouse,
    stock_of_product,
    stock_story,
)
from inventory.services import EntryLine, Need, Portion, StockRequest, post_entry, reserve_stock, ship_stock
from tests.factories import make_stock, make_user, make_variant, make_warehouse

pytestmark = pytest.mark.django_db


def reserve(item, reference, quantity):
    need = Need(key=reference, variant_id=item.variant_id, quantity=quantity)
    [answer] = reserve_stock(requests=[StockRequest(reference=reference, needs=[need])])
    return answer.reservation_ids[reference][0]


def test_why_is_it_47():
    keeper = make_user(permissions=["inventory.adjust_stock"], first_name="Min", last_name="Lee")
    item = make_stock(on_hand=50)
    held = reserve(item, "O-0000001", 2)
    ship_stock(portions=[Portion(held, 2)])
    post_entry(
        kind=EntryKind.ADJUSTMENT,
        lines=[EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=-1)],
        reason="broken",
        actor=keeper,
    )

    story = stock_story(stock_item_id=item.pk)

    assert [
        (
            s.kind.label,
            s.on_hand_change,
            s.reserved_change,
            s.on_hand_after,
            s.available_after,
            s.document,
            s.reason,
            s.by,
        )
        for s in story
    ] == [
        ("Adjusted", -1, 0, 47, 47, "E-0000002", "broken", "Min Lee"),
        ("Shipped", -2, -2, 48, 48, "O-0000001", "", ""),
        ("Reserved", 0, 2, 50, 48, "O-0000001", "", ""),
        ("Counted", 50, 0, 50, 50, "E-0000001", "", ""),
    ]


def test_the_story_takes_one_query_and_pages(django_assert_num_queries):
    item = make_stock(on_hand=50)
    for n in range(5):
        reserve(item, f"O-{n}", 1)

    with django_assert_num_queries(1):
        story = stock_story(stock_item_id=item.pk, limit=2)
    assert [s.document for s in story] == ["O-4", "O-3"]
    third = item.movements.order_by("-id")[1].pk
    assert [s.document for s in stock_story(stock_item_id=item.pk, limit=2, before_id=third)] == ["O-2", "O-1"]


def test_availability_adds_up_active_warehouses():
    here, there, closed = make_warehouse(), make_warehouse(), make_warehouse(is_active=False)
    shirt, cap = make_variant(), make_variant()
    for place, pieces in ((here, 5), (there, 3), (closed, 7)):
        make_stock(shirt, on_hand=pieces, warehouse=place)
    reserve_stock(requests=[StockRequest(reference="x", needs=[Need(key="x", variant_id=shirt.pk, quantity=2)])])

    found = availability_of(variant_ids=[shirt.pk, cap.pk])

    assert found == {shirt.pk: Availability(8, 2), cap.pk: Availability(0, 0)}
    assert found[shirt.pk].available == 6
    assert [i.warehouse for i in stock_by_warehouse(variant_id=shirt.pk)] == [here, there, closed]
    assert [i.warehouse for i in stock_of_product(product_id=shirt.product_id)] == [here, there, closed]


def test_low_stock_is_at_or_below_the_level_the_scarcest_first():
    edge, above, out, never = (
        make_stock(on_hand=3, low_at=3),
        make_stock(on_hand=4, low_at=3),
        make_stock(on_hand=2, low_at=1),
        make_stock(on_hand=0),
    )
    reserve(out, "x", 2)

    assert list(low_stock_items()) == [out, edge]
    assert above not in low_stock_items()
    assert never not in low_stock_items()


def test_open_reservations_are_those_that_still_hold_pieces():
    item = make_stock(on_hand=9)
    gone, held = reserve(item, "a", 2), reserve(item, "b", 3)
    ship_stock(portions=[Portion(gone)])

    assert [(r.pk, r.held) for r in open_reservations(stock_item_id=item.pk)] == [(held, 3)]
