"""Holding back beside reserving: a piece is either held or promised, never both."""

import pytest

from inventory.models import Bin, HoldKind, ShelfStock, StockItem
from inventory.services import (
    HoldWish,
    Need,
    StockRequest,
    dispose_held,
    hold_stock,
    put_away,
    release_hold,
    reserve_stock,
)
from tests.concurrency.race import race
from tests.factories import make_stock
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db(transaction=True)


def wish(item, quantity, key=""):
    return HoldWish(stock_item_id=item.pk, kind=HoldKind.QUARANTINE, quantity=quantity, key=key)


def test_four_who_hold_and_four_who_sell_share_what_is_there():
    item = make_stock(on_hand=200)

    def hold() -> int:
        kept = 0
        for _ in range(40):
            free = StockItem.objects.get(pk=item.pk).available
            if free:  # others may take the piece meanwhile: then it is refused, and nothing is held
                hold_stock(wishes=[wish(item, 1)])
                kept += 1
        return kept

    def sell(seller: int) -> int:
        needs = [Need(key=f"{seller}:{n}", variant_id=item.variant_id, quantity=1) for n in range(40)]
        return sum(reserve_stock(requests=[StockRequest(reference=n.key, needs=[n])])[0].is_served for n in needs)

    results = race(*[hold] * 4, *[lambda seller=seller: sell(seller) for seller in range(4)])

    now = StockItem.objects.get(pk=item.pk)
    assert {result.kind for result in results} <= {"done", "refused"}
    assert now.on_hand == 200
    assert now.reserved == sum(result.value for result in results[4:])
    assert now.reserved + now.held <= 200
    assert_sound()


def test_one_key_from_four_processes_holds_once():
    item = make_stock(on_hand=10)

    results = race(*[lambda: hold_stock(wishes=[wish(item, 3, "deal:1")])[0].pk] * 4)

    assert [result.kind for result in results] == ["done"] * 4
    assert len({result.value for result in results}) == 1
    assert StockItem.objects.get(pk=item.pk).held == 3
    assert_sound()


def test_what_is_disposed_of_cannot_be_taken_and_is_gone_once():
    item = make_stock(on_hand=5)
    [held] = hold_stock(wishes=[wish(item, 5)])

    def sell() -> bool:
        need = Need(key="k", variant_id=item.variant_id, quantity=1)
        return reserve_stock(requests=[StockRequest(reference="k", needs=[need])])[0].is_served

    results = race(
        lambda: dispose_held(hold_id=held.pk, note="mould").number,
        lambda: dispose_held(hold_id=held.pk, note="mould").number,
        sell,
    )

    assert sorted(result.kind for result in results[:2]) == ["done", "refused"]
    assert (results[2].kind, results[2].value) == ("done", False)
    assert StockItem.objects.values_list("on_hand", "reserved", "held").get(pk=item.pk) == (0, 0, 0)
    release_hold(hold_id=held.pk)
    assert_sound()


def test_two_who_put_the_same_pieces_away_at_once_put_them_away_once():
    item = make_stock(on_hand=5)
    bins = [Bin.objects.create(warehouse=item.warehouse, code=code) for code in ("A", "B")]

    def put(bin_id: int) -> int:
        return put_away(stock_item_id=item.pk, quantity=4, bin_id=bin_id).quantity

    results = race(*[lambda place=place: put(place.pk) for place in bins])

    assert sorted(result.kind for result in results) == ["done", "refused"], results
    assert [result.value for result in results if result.kind == "refused"] == ["Only 1 pieces are unplaced."]
    assert list(ShelfStock.objects.filter(quantity__gt=0).values_list("quantity", flat=True)) == [4]
    assert_sound()
