"""Many clients at one counter: everybody gets his own answer, nobody waits for a dead one, nothing is held twice."""

import os
import signal
from multiprocessing import get_context

import pytest
from django.db import connection, connections, transaction

from catalog.models import BundleComponent
from core.errors import Conflict
from inventory.models import Reservation, ReservationRequest
from inventory.services import Need, Shortage, StockRequest, Take, reserve_stock, reserve_together
from inventory.services.reservations import queueing
from tests.concurrency.race import race
from tests.factories import make_stock, make_variant
from tests.orders.stories import assert_sound, counters

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = 8


def request(key, *needs, **over):
    found = [
        Need(key=f"{key}:{n}", variant_id=variant_id, quantity=count) for n, (variant_id, count) in enumerate(needs)
    ]
    return StockRequest(reference=key, needs=found, **over)


def ask(key, *needs, **over):
    return reserve_together(request=request(key, *needs, **over))


def killed(work):
    """Run ``work`` in a process that kills itself in the middle of it."""
    connections.close_all()
    process = get_context("fork").Process(target=work, daemon=True)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL


def die(*_args, **_kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_client_alone_is_served_at_once(django_assert_num_queries):
    item = make_stock(on_hand=10)

    with django_assert_num_queries(2):
        answer = ask("A", (item.variant_id, 3))

    assert answer.is_served
    assert answer.warehouse_id == item.warehouse_id
    assert answer.reservation_ids == {"A:0": [Reservation.objects.get().pk]}
    assert counters(item) == (10, 3)
    assert not ReservationRequest.objects.exists()
    assert_sound()


def test_what_is_not_plain_is_answered_as_by_reserve_stock():
    item = make_stock(on_hand=3)
    bundle = make_variant()
    BundleComponent.objects.create(bundle=bundle, component=item.variant, quantity=2)

    assert ask("A", (bundle.pk, 1)).is_served
    assert ask("A", (bundle.pk, 1)).is_served  # again
    short = ask("B", (item.variant_id, 2))
    rest = ask("C", (item.variant_id, 2), take=Take.AVAILABLE)  # records that nothing is left
    with pytest.raises(Conflict):
        ask("A", (item.variant_id, 2))

    assert short.shortages == [Shortage(item.variant.sku, 2, 1)]
    assert (short.reservation_ids, short.warehouse_id) == ({}, None)
    assert rest.shortages == [Shortage(item.variant.sku, 2, 1)]
    assert counters(item) == (3, 3)
    assert not ReservationRequest.objects.exists()
    assert_sound()


def test_inside_a_transaction_it_refuses_to_keep_the_others_waiting():
    item = make_stock(on_hand=3)

    with transaction.atomic(), pytest.raises(RuntimeError, match="outside"):
        ask("A", (item.variant_id, 1))

    assert counters(item) == (3, 0)


def test_eight_clients_sell_what_there_is_and_each_gets_his_own_answer():
    item = make_stock(on_hand=100, low_at=10)
    variant_id = item.variant_id

    def buy(client):
        """Ask twenty times and return how often it was served; every id is of a reservation under the own key."""
        served = 0
        for n in range(20):
            answer = ask(f"{client}:{n}", (variant_id, 1))
            served += answer.is_served
            if answer.is_served:
                [[pk]] = answer.reservation_ids.values()
                assert Reservation.objects.get(pk=pk).key == f"{client}:{n}:0"
        return served

    results = race(*[lambda client=client: buy(client) for client in range(CLIENTS)])

    assert [result.kind for result in results] == ["done"] * CLIENTS, results
    assert sum(result.value for result in results) == 100
    assert counters(item) == (100, 100)
    assert not ReservationRequest.objects.exists()
    assert_sound()


def test_the_same_key_from_all_clients_is_held_once_and_a_conflict_hits_only_its_own():
    item = make_stock(on_hand=100)
    reserve_stock(requests=[request("taken", (item.variant_id, 2))])

    results = race(
        *[lambda: ask("same", (item.variant_id, 1)).reservation_ids] * 4,
        *[lambda: ask("taken", (item.variant_id, 1)).reservation_ids] * 2,
        *[lambda n=n: ask(f"own{n}", (item.variant_id, 1)).is_served for n in range(2)],
    )

    assert [result.kind for result in results] == ["done"] * 4 + ["refused"] * 2 + ["done"] * 2, results
    assert len({str(result.value) for result in results[:4]}) == 1
    assert counters(item) == (100, 5)
    assert_sound()


def test_an_unknown_variant_is_told_to_the_one_who_asked():
    item = make_stock(on_hand=100)

    results = race(
        lambda: ask("wrong", (10**9, 1)),
        *[lambda n=n: ask(f"own{n}", (item.variant_id, 1)).is_served for n in range(3)],
    )

    assert [result.kind for result in results] == ["failed", "done", "done", "done"], results
    assert counters(item) == (100, 3)
    assert_sound()


def test_a_client_killed_before_its_turn_is_served_by_the_next_and_may_ask_again(monkeypatch):
    item = make_stock(on_hand=10)

    def asks_and_dies():
        with connection.cursor() as cursor:
            cursor.execute(queueing._ASK, queueing._row(request("dead", (item.variant_id, 2))))
        die()

    killed(asks_and_dies)
    assert ReservationRequest.objects.count() == 1
    assert counters(item) == (10, 0)

    assert ask("alive", (item.variant_id, 1)).is_served

    assert counters(item) == (10, 3)
    assert ask("dead", (item.variant_id, 2)).reservation_ids == {"dead:0": [Reservation.objects.get(key="dead:0").pk]}
    assert counters(item) == (10, 3)
    assert_sound()


def test_a_client_killed_while_it_serves_takes_nothing_with_it(monkeypatch):
    item = make_stock(on_hand=3)

    def serves_and_dies():
        # the answers are about to be written, the reservations are: nothing of it is committed
        monkeypatch.setattr(ReservationRequest.objects, "bulk_update", die)
        ask("dead", (item.variant_id, 2))
        ask("dead too", (item.variant_id, 1))  # sells out: the long way

    killed(serves_and_dies)
    assert counters(item) == (3, 2)
    assert ReservationRequest.objects.count() == 1

    assert not ask("alive", (item.variant_id, 1)).is_served  # whoever came first has the last piece

    assert counters(item) == (3, 3)
    assert ask("dead too", (item.variant_id, 1)).is_served
    assert counters(item) == (3, 3)
    assert_sound()


def test_requests_whose_clients_must_be_gone_are_not_served():
    item = make_stock(on_hand=10)
    with connection.cursor() as cursor:
        cursor.execute(queueing._ASK, queueing._row(request("old", (item.variant_id, 5))))
        cursor.execute("UPDATE inventory_reservationrequest SET created_at = now() - interval '61 seconds'")

    assert ask("new", (item.variant_id, 1)).is_served

    assert counters(item) == (10, 1)
    assert not ReservationRequest.objects.exists()
