"""Stock under real concurrency: nothing oversold, no deadlock; the controls show that the tests would notice."""

import random
from contextlib import nullcontext

import pytest
from django.db import transaction

from catalog.models import BundleComponent
from inventory.models import Reservation, StockItem
from inventory.services import Need, StockRequest, Take, reserve_stock
from tests.concurrency.race import PATIENCE, Result, barrier_of, race
from tests.factories import make_stock, make_variant, make_warehouse
from tests.orders.stories import assert_sound, counters

pytestmark = pytest.mark.django_db(transaction=True)

PROCESSES = 8


def one_piece(key: str, variant_id: int) -> StockRequest:
    return StockRequest(reference=key, needs=[Need(key=key, variant_id=variant_id, quantity=1)])


def test_eight_processes_sell_a_thousand_pieces_and_not_one_more():
    item = make_stock(on_hand=1000)
    variant_id = item.variant_id

    def sell(seller: int) -> int:
        """Sell 64 pieces one by one, then 70 in batches of seven orders."""
        singly = [reserve_stock(requests=[one_piece(f"{seller}:{n}", variant_id)])[0].is_served for n in range(64)]
        batches = [
            answer.is_served
            for batch in range(10)
            for answer in reserve_stock(requests=[one_piece(f"{seller}:{batch}:{n}", variant_id) for n in range(7)])
        ]
        return sum(singly) + sum(batches)

    results = race(*[lambda seller=seller: sell(seller) for seller in range(PROCESSES)])

    assert [result.kind for result in results] == ["done"] * PROCESSES
    assert sum(result.value for result in results) == 1000  # of 1,072 wanted
    assert counters(item) == (1000, 1000)
    assert Reservation.objects.count() == 1000
    assert_sound()


def test_control_reading_without_a_lock_oversells():
    item = make_stock(on_hand=1)
    everybody_has_read = barrier_of(PROCESSES)

    def sell() -> bool:
        seen = StockItem.objects.get(pk=item.pk)
        everybody_has_read.wait(PATIENCE)
        if seen.available < 1:
            return False
        StockItem.objects.filter(pk=item.pk).update(reserved=seen.reserved + 1)
        return True

    results = race(*[sell] * PROCESSES)

    assert results == [Result("done", True)] * PROCESSES  # eight promises, one piece
    assert counters(item) == (1, 1)


def test_orders_of_three_random_items_never_deadlock():
    variants = [make_stock(on_hand=60).variant_id for _ in range(12)]

    def sell(seller: int) -> int:
        rng = random.Random(seller)
        served = 0
        for n in range(40):
            wanted = rng.sample(variants, 3)
            needs = [Need(key=f"{seller}:{n}:{v}", variant_id=v, quantity=rng.randint(1, 3)) for v in wanted]
            served += reserve_stock(requests=[StockRequest(reference=f"{seller}:{n}", needs=needs)])[0].is_served
        return served

    results = race(*[lambda seller=seller: sell(seller) for seller in range(PROCESSES)])

    assert [result.kind for result in results] == ["done"] * PROCESSES
    assert 0 < sum(result.value for result in results) < 40 * PROCESSES
    assert_sound()


def test_all_ways_at_once_never_deadlock_nor_oversell():
    near, far = make_warehouse(), make_warehouse()
    variants = [make_variant() for _ in range(8)]
    for variant in reversed(variants):
        for place in (far, near):
            make_stock(variant, on_hand=20, warehouse=place)
    bundle = make_variant()
    for part in variants[:3]:
        BundleComponent.objects.create(bundle=bundle, component=part, quantity=2)
    ids = [*(variant.pk for variant in variants), bundle.pk]

    def sell(seller: int) -> int:
        """Reserve alone and inside transactions, whole and as far as there is, sets among single pieces."""
        rng = random.Random(seller)
        taken = 0
        for n in range(30):
            needs = [
                Need(key=f"{seller}:{n}:{v}", variant_id=v, quantity=rng.randint(1, 3)) for v in rng.sample(ids, 3)
            ]
            request = StockRequest(reference=f"{seller}:{n}", needs=needs, take=rng.choice(list(Take)))
            with transaction.atomic() if n % 2 else nullcontext():
                taken += bool(reserve_stock(requests=[request])[0].reservation_ids)
        return taken

    results = race(*[lambda seller=seller: sell(seller) for seller in range(PROCESSES)])

    assert [result.kind for result in results] == ["done"] * PROCESSES, results
    assert sum(result.value for result in results) > 0
    assert_sound()


def test_control_locking_in_any_order_deadlocks():
    first, second = make_stock().pk, make_stock().pk
    both_hold_one = barrier_of(2)

    def take(*ids: int) -> None:
        with transaction.atomic():
            StockItem.objects.select_for_update().get(pk=ids[0])
            both_hold_one.wait(PATIENCE)
            StockItem.objects.select_for_update().get(pk=ids[1])

    results = race(lambda: take(first, second), lambda: take(second, first))

    assert sorted(result.kind for result in results) == ["done", "failed"]
    assert "deadlock detected" in next(result.value for result in results if result.kind == "failed")


def test_the_same_key_from_two_processes_is_held_once():
    item = make_stock(on_hand=10)
    variant_id = item.variant_id

    def sell() -> dict[str, list[int]]:
        return reserve_stock(requests=[one_piece("the same", variant_id)])[0].reservation_ids

    one, two = race(sell, sell)

    assert one == two
    assert one.kind == "done"
    assert counters(item) == (10, 1)
    assert_sound()


def test_others_may_point_to_a_stock_item_while_it_is_being_reserved():
    item = make_stock(on_hand=10)
    is_locked, is_written = barrier_of(2), barrier_of(2)

    def hold() -> None:
        with transaction.atomic():
            reserve_stock(requests=[one_piece("a", item.variant_id)])
            is_locked.wait(PATIENCE)
            is_written.wait(PATIENCE)

    def point() -> None:
        is_locked.wait(PATIENCE)
        # its foreign key takes FOR KEY SHARE, which FOR UPDATE would make wait and FOR NO KEY UPDATE does not
        Reservation.objects.create(stock_item=item, key="b", quantity=1, released=1)
        is_written.wait(PATIENCE)

    assert [result.kind for result in race(hold, point)] == ["done", "done"]
