"""Counting and posting beside sales: nothing promised is taken away, nothing is corrected twice, nothing is lost."""

import pytest

from inventory.models import LineState, Reservation, StockItem, StocktakeCount, StocktakeLine
from inventory.services import Need, Portion, StockRequest, reserve_stock, ship_stock
from inventory.services.counting import count_line, post_stocktake
from tests.concurrency.race import Result, race
from tests.factories import make_stock
from tests.inventory.counting import approved, counted, line_of, make_counter, make_judge, make_stocktake
from tests.orders.stories import assert_sound, counters

pytestmark = pytest.mark.django_db(transaction=True)

SELLERS, SALES = 3, 30


def sell(variant_id: int, seller: int) -> int:
    """Reserve and ship single pieces; return how many left."""
    shipped = 0
    for n in range(SALES):
        key = f"{seller}:{n}"
        [answer] = reserve_stock(
            requests=[StockRequest(reference=key, needs=[Need(key=key, variant_id=variant_id, quantity=1)])]
        )
        if answer.is_served:
            shipped += ship_stock(portions=[Portion(Reservation.objects.get(key=key).pk)])
    return shipped


def test_a_count_posted_between_sales_corrects_by_its_difference_only():
    item, judge = make_stock(on_hand=1000), make_judge()
    stocktake = make_stocktake(item, tolerance_pieces=5000)
    counted(stocktake, item, 993, make_counter())
    approved(stocktake, judge)

    def post() -> int:
        return len(post_stocktake(stocktake_id=stocktake.pk, actor=judge).posted)

    *sales, posted = race(*[lambda seller=n: sell(item.variant_id, seller) for n in range(SELLERS)], post)

    assert posted == Result("done", 1)
    assert sales == [Result("done", SALES)] * SELLERS
    assert counters(item) == (1000 - 7 - SELLERS * SALES, 0)
    assert_sound()


def test_a_count_in_the_middle_of_sales_finds_no_difference_that_is_none():
    """Who counts takes what lies there at that moment: the books under the item's lock say the same."""
    item, kim = make_stock(on_hand=1000), make_counter()
    stocktake = make_stocktake(item, tolerance_pieces=5000)
    line_id = line_of(stocktake, item).pk

    def count() -> list[int]:
        return [count_line(line_id=line_id, counted=1000, key=f"k{n}", actor=kim).expected or 0 for n in range(10)]

    *sales, counts = race(*[lambda seller=n: sell(item.variant_id, seller) for n in range(SELLERS)], count)

    assert [sale.kind for sale in sales] == ["done"] * SELLERS
    assert counts.kind == "done"
    assert counts.value == sorted(counts.value, reverse=True)  # each expected what was left at its moment
    assert StocktakeCount.objects.count() == 10
    line = StocktakeLine.objects.get(pk=line_id)
    approved(stocktake, judge := make_judge())
    post_stocktake(stocktake_id=stocktake.pk, actor=judge)
    assert StockItem.objects.get(pk=item.pk).on_hand == 1000 - SELLERS * SALES + 1000 - line.expected
    assert_sound()


def test_two_people_count_one_line_at_the_same_moment():
    item, people = make_stock(on_hand=10), [make_counter(), make_counter()]
    stocktake = make_stocktake(item)
    line_id = line_of(stocktake, item).pk

    results = race(
        *[
            lambda user=user, pieces=pieces: (
                count_line(line_id=line_id, counted=pieces, key=f"k{user.pk}", actor=user).state
            )
            for user, pieces in zip(people, (8, 7), strict=True)
        ]
    )

    assert sorted(result.value for result in results) == [LineState.INVESTIGATE, LineState.RECOUNT]
    assert StocktakeLine.objects.get(pk=line_id).state == LineState.INVESTIGATE
    assert StocktakeCount.objects.count() == 2
    assert_sound()


def test_the_same_count_sent_by_two_requests_at_once_counts_once():
    item, kim = make_stock(on_hand=10), make_counter()
    line_id = line_of(make_stocktake(item), item).pk

    results = race(*[lambda: count_line(line_id=line_id, counted=10, key="same", actor=kim).counted] * 4)

    assert results == [Result("done", 10)] * 4
    assert StocktakeCount.objects.count() == 1


def test_two_who_post_at_once_post_once():
    item, judge = make_stock(on_hand=10), make_judge()
    stocktake = make_stocktake(item, tolerance_pieces=5)
    counted(stocktake, item, 8, make_counter())
    approved(stocktake, judge)

    results = race(*[lambda: len(post_stocktake(stocktake_id=stocktake.pk, actor=judge).posted)] * 3)

    assert sorted(result.kind for result in results) == ["done", "refused", "refused"]
    assert counters(item) == (8, 0)
    assert_sound()
