"""Two people, or two workers, decide about the same thing at the same moment: one does, and the sums hold."""

import pytest

from core.models import EventRecord
from inventory.models import StockItem, StockMovement
from inventory.services.counting import approve_stocktake, post_stocktake, review_stocktake
from orders.models import DecisionKind, Order, Oversell, OversellDecision
from orders.services import Choice, confirm_orders, decide_oversell, judge_oversells
from purchasing.models import CostEntry, GoodsReceipt, VariantValue
from purchasing.services import ReceivedLine, receive_goods, undo_receipt, value_movements
from staff.models import User
from tests.concurrency.race import Result, race
from tests.factories import make_order, make_stock, make_user, make_variant, make_warehouse
from tests.inventory.counting import counted, make_counter, make_judge, make_stocktake
from tests.orders.stories import assert_sound, counters
from tests.purchasing.making import make_purchase_order

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_receivers_of_one_line_one_takes_the_last_pieces():
    variant = make_variant()
    order = make_purchase_order((variant, 10))
    line = order.lines.get()

    def receive(note: str = "") -> int:
        return receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=line.pk, accepted=6, note=note)]).pk

    results = race(receive, receive)  # six of ten: the second six are two too many, and nobody wrote why

    assert sorted(result.kind for result in results) == ["done", "refused"], results
    line.refresh_from_db()
    assert line.received == 6
    assert StockItem.objects.get(variant=variant).on_hand == 6
    assert GoodsReceipt.objects.count() == 1
    assert_sound()


def test_pieces_that_come_while_a_receipt_is_undone_are_counted_once():
    variant = make_variant()
    order = make_purchase_order((variant, 10))
    line = order.lines.get()

    def receive(pieces: int) -> int:
        return receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=line.pk, accepted=pieces)]).pk

    first = receive(4)
    undone, more = race(lambda: undo_receipt(receipt_id=first, reason="Twice").pk, lambda: receive(5))

    assert (undone.kind, more.kind) == ("done", "done")
    line.refresh_from_db()
    order.refresh_from_db()
    assert (line.received, order.state) == (5, "partly_received")
    assert StockItem.objects.get(variant=variant).on_hand == 5
    assert_sound()


def test_two_workers_value_each_movement_once():
    place = make_warehouse()
    for price in (100, 200, 300):
        order = make_purchase_order((make_variant(), 5), unit_price=price, warehouse=place)
        receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=order.lines.get().pk, accepted=5)])

    def work_off() -> int:
        valued = 0
        while count := value_movements(limit=1):
            valued += count
        return valued

    results = race(work_off, work_off)

    assert [result.kind for result in results] == ["done", "done"], results
    assert sum(result.value for result in results) == 3
    assert CostEntry.objects.count() == StockMovement.objects.count() == 3
    assert sorted(VariantValue.objects.values_list("quantity", "average_value")) == [(5, 500), (5, 1000), (5, 1500)]
    assert_sound()


@pytest.mark.parametrize(
    "kinds", [(DecisionKind.CANCEL, DecisionKind.CANCEL), (DecisionKind.CANCEL, DecisionKind.SPLIT)]
)
def test_of_two_deciders_of_one_oversell_the_second_finds_what_the_first_left(kinds):
    item = make_stock(on_hand=1)
    order = make_order((item.variant, 3))
    confirm_orders(order_ids=[order.pk])
    judge_oversells(variant_ids=[item.variant_id])
    case = Oversell.objects.get(closed_at=None)
    rights = ["orders.decide_oversell", "orders.confirm_order", "orders.cancel_order"]
    people = [make_user(permissions=rights) for _kind in kinds]

    def decide(kind: str, actor: User) -> list[str]:
        choice = Choice(kind=DecisionKind(kind), note="as agreed")
        report = decide_oversell(oversell_id=case.pk, order_ids=[order.pk], choice=choice, actor=actor)
        return [kind for _pk in report.done]

    results = race(
        *[lambda kind=kind, actor=actor: decide(kind, actor) for kind, actor in zip(kinds, people, strict=True)]
    )

    assert [result.kind for result in results] == ["done", "done"], results
    done = sorted(kind for result in results for kind in result.value)
    # after a cancellation there is nothing to decide; after a split two pieces still wait, and can be cancelled
    assert done in (["cancel"], ["cancel", "split"][: len(set(kinds))])
    assert sorted(OversellDecision.objects.values_list("kind", flat=True)) == done
    assert EventRecord.objects.filter(name="orders.oversell_decided").count() == len(done)
    assert Order.objects.get().status == "cancelled"
    assert_sound()


def test_of_two_approvers_of_one_stocktake_one_does():
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item, tolerance_pieces=5)
    counted(stocktake, item, 8, make_counter())
    review_stocktake(stocktake_id=stocktake.pk, actor=None)
    judges = [make_judge(), make_judge()]

    def approve_and_post(judge: User) -> int:
        approve_stocktake(stocktake_id=stocktake.pk, actor=judge)
        return len(post_stocktake(stocktake_id=stocktake.pk, actor=judge).posted)

    results = race(*[lambda judge=judge: approve_and_post(judge) for judge in judges])

    assert sorted(result.kind for result in results) == ["done", "refused"], results
    [winner] = [judge for judge, result in zip(judges, results, strict=True) if result == Result("done", 1)]
    stocktake.refresh_from_db()
    assert (stocktake.state, stocktake.approved_by) == ("posted", winner)
    assert counters(item) == (8, 0)
    assert_sound()
