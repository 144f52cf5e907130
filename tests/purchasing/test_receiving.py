"""Goods of purchase orders come in: good, damaged, to inspect, refused, too many, too few."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from core.verify import verify
from inventory.models import HoldKind, Lot, SerialNumber, StockHold, StockItem, StockMovement, StockPolicy
from inventory.services import LotGiven, release_hold
from orders.services import confirm_orders
from purchasing.models import ExchangeRate, GoodsReceipt, GoodsReceiptLine, InspectionState
from purchasing.services import ReceivedLine, inspect_goods, receive_goods, undo_receipt
from tests.factories import make_order, make_stock, make_user, make_variant, make_warehouse
from tests.purchasing.making import make_purchase_order

pytestmark = pytest.mark.django_db

RECEIVE = "purchasing.receive_purchaseorder"


def stock_of(order, variant):
    item = StockItem.objects.get(variant=variant, warehouse=order.warehouse)
    return item.on_hand, item.held, item.available


def line_of(order, variant):
    return order.lines.get(variant=variant)


def books_hold():
    return [finding.invariant.name for finding in verify() if not finding.holds]


def test_good_pieces_are_for_sale_and_damaged_and_unjudged_ones_are_held_from_the_first_moment():
    variant = make_variant()
    order = make_purchase_order((variant, 20))
    line = line_of(order, variant)
    receipt = receive_goods(
        order_id=order.pk,
        lines=[ReceivedLine(line_id=line.pk, accepted=10, damaged=2, to_inspect=3, refused=1)],
        delivery_note=" D-1 ",
    )
    order.refresh_from_db()
    line.refresh_from_db()
    assert (order.state, line.received, line.open_count) == ("partly_received", 15, 5)
    assert stock_of(order, variant) == (15, 5, 10)
    assert (receipt.delivery_note, receipt.rate, receipt.entry.reference) == ("D-1", Decimal(1), receipt.number)
    row = receipt.lines.get()
    assert (row.accepted, row.damaged, row.to_inspect, row.refused, row.inspection) == (10, 2, 3, 1, "waiting")
    assert (row.hold.kind, row.hold.held) == ("inspection", 3)
    assert sorted(StockHold.objects.values_list("kind", "quantity", "reference")) == [
        ("damaged", 2, receipt.number),
        ("inspection", 3, receipt.number),
    ]
    # who hears of new stock hears of what is for sale only
    assert EventRecord.objects.get(name="inventory.stock_replenished").data["added"] == 10
    said = EventRecord.objects.get(name="purchasing.goods_received")
    assert (said.subject_id, said.data["good"], said.data["damaged"], said.data["refused"]) == (order.pk, 10, 2, 1)
    assert books_hold() == []


def test_the_last_pieces_end_the_order_and_nothing_more_is_taken():
    variant, other = make_variant(), make_variant()
    order = make_purchase_order((variant, 3), (other, 2))
    receive_goods(
        order_id=order.pk,
        lines=[
            ReceivedLine(line_id=line_of(order, variant).pk, accepted=3),
            ReceivedLine(line_id=line_of(order, other).pk, damaged=2),
        ],
    )
    order.refresh_from_db()
    assert (order.state, order.closed_at is not None) == ("received", True)
    with pytest.raises(InvalidTransition):
        receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=line_of(order, variant).pk, accepted=1)])
    assert GoodsReceipt.objects.count() == 1


def test_goods_that_were_all_refused_make_a_receipt_without_stock():
    variant = make_variant()
    order = make_purchase_order((variant, 3))
    receipt = receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=line_of(order, variant).pk, refused=3)])
    order.refresh_from_db()
    assert (receipt.entry, order.state, StockItem.objects.count()) == (None, "sent", 0)
    assert books_hold() == []


def test_the_same_key_answers_with_the_same_receipt_and_other_content_is_a_conflict():
    variant = make_variant()
    order = make_purchase_order((variant, 9))
    lines = [ReceivedLine(line_id=line_of(order, variant).pk, accepted=4)]
    first = receive_goods(order_id=order.pk, lines=lines, key="k1")
    again = receive_goods(order_id=order.pk, lines=lines, key="k1")
    assert first.pk == again.pk
    assert stock_of(order, variant) == (4, 0, 4)
    with pytest.raises(Conflict):
        receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=line_of(order, variant).pk, accepted=5)], key="k1")
    assert line_of(order, variant).received == 4


@pytest.mark.parametrize("note", ["", "  "])
def test_more_than_ordered_is_taken_with_a_note_only(note):
    variant = make_variant()
    order = make_purchase_order((variant, 5))
    line = line_of(order, variant)
    with pytest.raises(InvalidInput, match="2 more than ordered"):
        receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=line.pk, accepted=7)], note=note)
    assert (GoodsReceipt.objects.count(), StockMovement.objects.count(), line_of(order, variant).received) == (0, 0, 0)
    receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=line.pk, accepted=7, note="Agreed by phone")])
    assert line_of(order, variant).received == 7
    assert EventRecord.objects.get(name="purchasing.goods_received").data["over"] == 2


def test_over_delivery_asks_for_its_own_right():
    variant = make_variant()
    order = make_purchase_order((variant, 5))
    line = ReceivedLine(line_id=line_of(order, variant).pk, accepted=6, note="gift")
    with pytest.raises(NotAllowed):
        receive_goods(order_id=order.pk, lines=[line], actor=make_user())
    with pytest.raises(NotAllowed):
        receive_goods(order_id=order.pk, lines=[line], actor=make_user(permissions=[RECEIVE]))
    assert GoodsReceipt.objects.count() == 0
    buyer = make_user(permissions=[RECEIVE, "purchasing.take_overdelivery"])
    assert receive_goods(order_id=order.pk, lines=[line], actor=buyer).received_by == buyer


@pytest.mark.parametrize(
    "counts", [{}, {"accepted": -1, "damaged": 2}, {"accepted": 10**9}], ids=["nothing", "negative", "too many"]
)
def test_counts_that_cannot_be_are_refused(counts):
    variant = make_variant()
    order = make_purchase_order((variant, 5))
    with pytest.raises(InvalidInput):
        receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=line_of(order, variant).pk, **counts)])
    assert (GoodsReceipt.objects.count(), StockItem.objects.count()) == (0, 0)


def test_a_line_of_another_order_and_an_order_that_was_not_sent_are_refused():
    variant = make_variant()
    order, other = make_purchase_order((variant, 5)), make_purchase_order((variant, 5))
    draft = make_purchase_order((variant, 5), state="draft", approved_at=None)
    with pytest.raises(InvalidInput):
        receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=line_of(other, variant).pk, accepted=1)])
    with pytest.raises(InvalidTransition):
        receive_goods(order_id=draft.pk, lines=[ReceivedLine(line_id=line_of(draft, variant).pk, accepted=1)])
    assert GoodsReceipt.objects.count() == 0


def test_lots_and_serial_numbers_come_with_the_pieces():
    variant = make_variant()
    StockPolicy.objects.create(variant=variant, tracks_lots=True, tracks_serials=True)
    order = make_purchase_order((variant, 5))
    line = line_of(order, variant)
    with pytest.raises(InvalidInput):
        receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=line.pk, accepted=2)])
    first = LotGiven(number="L-1", expires_on=date(2027, 5, 1))
    receipt = receive_goods(
        order_id=order.pk,
        lines=[
            ReceivedLine(line_id=line.pk, accepted=2, damaged=1, lot=first, serials=("A", "B", "C")),
            ReceivedLine(line_id=line.pk, accepted=2, lot=LotGiven(number="L-2"), serials=("D", "E")),
        ],
    )
    assert list(receipt.lines.values_list("lot__number", "accepted", "damaged")) == [("L-1", 2, 1), ("L-2", 2, 0)]
    assert Lot.objects.get(number="L-1").expires_on == date(2027, 5, 1)
    assert StockHold.objects.get().lot.number == "L-1"
    assert SerialNumber.objects.filter(lot__number="L-1").count() == 3
    assert line_of(order, variant).received == 5


def test_one_serial_number_for_each_piece():
    variant = make_variant()
    order = make_purchase_order((variant, 5))
    with pytest.raises(InvalidInput, match="2 pieces"):
        receive_goods(
            order_id=order.pk, lines=[ReceivedLine(line_id=line_of(order, variant).pk, accepted=2, serials=("A",))]
        )
    assert SerialNumber.objects.count() == 0


def test_the_rate_of_the_day_is_noted_and_an_unknown_one_stays_open():
    variant = make_variant()
    order = make_purchase_order((variant, 5), currency="USD")
    line = ReceivedLine(line_id=line_of(order, variant).pk, accepted=1)
    assert receive_goods(order_id=order.pk, lines=[line]).rate is None
    ExchangeRate.objects.create(currency="USD", starts_on=date(2020, 1, 1), rate=Decimal("1300.5"))
    assert receive_goods(order_id=order.pk, lines=[line]).rate == Decimal("1300.5")


def test_inspection_passes_what_is_good_and_keeps_what_failed_as_damaged():
    variant = make_variant()
    order = make_purchase_order((variant, 10))
    receipt = receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=line_of(order, variant).pk, to_inspect=10)])
    row = receipt.lines.get()
    with pytest.raises(NotAllowed):
        inspect_goods(receipt_line_id=row.pk, actor=make_user())
    with pytest.raises(InvalidInput):
        inspect_goods(receipt_line_id=row.pk, failed=11, note="x")
    with pytest.raises(InvalidInput):
        inspect_goods(receipt_line_id=row.pk, failed=3)
    assert stock_of(order, variant) == (10, 10, 0)
    judge = make_user(permissions=["purchasing.inspect_goodsreceipt"])
    row = inspect_goods(receipt_line_id=row.pk, failed=3, note="Torn seams", actor=judge)
    assert (row.inspection, row.failed, row.inspected_by) == (InspectionState.FAILED, 3, judge)
    assert stock_of(order, variant) == (10, 3, 7)
    kept = StockHold.objects.get(kind=HoldKind.DAMAGED)
    assert (kept.held, kept.reference, kept.note) == (3, receipt.number, "Torn seams")
    with pytest.raises(InvalidTransition):
        inspect_goods(receipt_line_id=row.pk)
    assert books_hold() == []


def test_all_passed_is_all_for_sale():
    variant = make_variant()
    order = make_purchase_order((variant, 4))
    receipt = receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=line_of(order, variant).pk, to_inspect=4)])
    assert inspect_goods(receipt_line_id=receipt.lines.get().pk).inspection == "passed"
    assert stock_of(order, variant) == (4, 0, 4)


def test_a_mistaken_receipt_is_undone_by_an_entry_with_its_reason():
    variant, other = make_variant(), make_variant()
    StockPolicy.objects.create(variant=other, tracks_lots=True)
    order = make_purchase_order((variant, 10), (other, 4))
    lines = [
        ReceivedLine(line_id=line_of(order, variant).pk, accepted=5, damaged=2, to_inspect=3),
        ReceivedLine(line_id=line_of(order, other).pk, accepted=4, lot=LotGiven(number="L-1")),
    ]
    receipt = receive_goods(order_id=order.pk, lines=lines)
    with pytest.raises(InvalidInput):
        undo_receipt(receipt_id=receipt.pk, reason=" ")
    with pytest.raises(NotAllowed):
        undo_receipt(receipt_id=receipt.pk, reason="Wrong order", actor=make_user(permissions=[RECEIVE]))
    undone = undo_receipt(receipt_id=receipt.pk, reason="Wrong order")
    order.refresh_from_db()
    assert (order.state, sorted(order.lines.values_list("received", flat=True))) == ("sent", [0, 0])
    assert stock_of(order, variant) == (0, 0, 0)
    assert stock_of(order, other) == (0, 0, 0)
    assert (undone.undo_entry.kind, undone.undo_entry.reason_code) == ("adjustment", "misbooked")
    assert undone.undo_entry.reason == "Wrong order"
    assert not GoodsReceiptLine.objects.filter(inspection="waiting").exists()
    with pytest.raises(InvalidTransition):
        undo_receipt(receipt_id=receipt.pk, reason="Again")
    assert books_hold() == []


def test_a_receipt_stays_when_its_pieces_are_promised_or_its_hold_was_freed():
    place = make_warehouse()
    variant = make_variant()
    make_stock(variant, on_hand=0, warehouse=place)
    order = make_purchase_order((variant, 10), warehouse=place)
    receipt = receive_goods(
        order_id=order.pk, lines=[ReceivedLine(line_id=line_of(order, variant).pk, accepted=3, damaged=1)]
    )
    sold = make_order((variant, 2))
    confirm_orders(order_ids=[sold.pk])
    with pytest.raises(InvalidInput):
        undo_receipt(receipt_id=receipt.pk, reason="Wrong")
    release_hold(hold_id=StockHold.objects.get().pk)
    with pytest.raises(InvalidInput):
        undo_receipt(receipt_id=receipt.pk, reason="Wrong")
    receipt.refresh_from_db()
    assert (receipt.undone_at, line_of(order, variant).received) == (None, 4)
    assert books_hold() == []


def test_undoing_with_serial_numbers_takes_them_out():
    variant = make_variant()
    StockPolicy.objects.create(variant=variant, tracks_serials=True)
    order = make_purchase_order((variant, 3))
    line = ReceivedLine(line_id=line_of(order, variant).pk, accepted=2, damaged=1, serials=("A", "B", "C"))
    receipt = receive_goods(order_id=order.pk, lines=[line])
    undo_receipt(receipt_id=receipt.pk, reason="Wrong order")
    assert set(SerialNumber.objects.values_list("state", flat=True)) == {"gone"}
    order.refresh_from_db()
    assert order.state == "sent"
