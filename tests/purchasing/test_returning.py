"""Goods go back to suppliers, and what suppliers' deliveries are measured by."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.verify import verify
from inventory.models import HoldKind, SerialNumber, StockHold, StockItem, StockPolicy
from inventory.services import HoldWish, LotGiven, hold_stock
from purchasing.models import GoodsReceipt, PriceBreak, SupplierReturn
from purchasing.selectors.performance import supplier_performance
from purchasing.services import (
    PiecesBack,
    ReceivedLine,
    cancel_supplier_return,
    credit_supplier_return,
    draft_supplier_return,
    receive_goods,
    send_supplier_return,
    value_movements,
)
from tests.factories import make_stock, make_user, make_variant
from tests.purchasing.making import make_purchase_order, make_supplier_item

pytestmark = pytest.mark.django_db


def came(pieces=10, damaged=3, **over):
    variant = make_variant()
    order = make_purchase_order((variant, pieces + damaged), unit_price=700)
    line = order.lines.get()
    receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=line.pk, accepted=pieces, damaged=damaged, **over)])
    return order, variant, StockItem.objects.get(variant=variant)


def draft(order, *lines, **over):
    said = {"supplier_id": order.supplier_id, "warehouse_id": order.warehouse_id, "reason": "Broken", **over}
    return draft_supplier_return(lines=lines, **said)


def books_hold():
    while value_movements():
        pass
    return [finding.invariant.name for finding in verify() if not finding.holds] == []


def test_damaged_pieces_go_back_out_of_their_hold_and_free_ones_beside_them():
    order, variant, item = came()
    hold = StockHold.objects.get()
    document = draft(
        order,
        PiecesBack(variant_id=variant.pk, quantity=3, hold_id=hold.pk),
        PiecesBack(variant_id=variant.pk, quantity=2, unit_price=650),
    )
    item.refresh_from_db()
    assert (item.on_hand, item.held, document.state) == (13, 3, "draft")
    assert list(document.lines.order_by("pk").values_list("unit_price", flat=True)) == [700, 650]
    sent = send_supplier_return(return_id=document.pk)
    item.refresh_from_db()
    hold.refresh_from_db()
    assert (item.on_hand, item.held, item.available, hold.held) == (8, 0, 8, 0)
    assert (sent.state, sent.entry.kind, sent.entry.reference) == ("sent", "sent_back", document.number)
    assert list(sent.entry.movements.order_by("pk").values_list("kind", "on_hand_change")) == [
        ("sent_back", -2),
        ("sent_back", -3),
    ]
    with pytest.raises(InvalidTransition):
        send_supplier_return(return_id=document.pk)
    assert books_hold()


def test_a_credit_note_ends_it():
    order, variant, _item = came()
    document = draft(order, PiecesBack(variant_id=variant.pk, quantity=2))
    say = {"return_id": document.pk, "amount": 1400, "credit_number": "CN-1", "credited_on": date(2026, 11, 3)}
    with pytest.raises(InvalidTransition):
        credit_supplier_return(**say)
    send_supplier_return(return_id=document.pk)
    for wrong in ({"amount": -1}, {"credit_number": " "}):
        with pytest.raises(InvalidInput):
            credit_supplier_return(**{**say, **wrong})
    done = credit_supplier_return(**say)
    assert (done.state, done.credit, done.credit_number) == ("credited", 1400, "CN-1")


def test_a_draft_may_be_cancelled_and_a_sent_one_not():
    order, variant, item = came()
    document = draft(order, PiecesBack(variant_id=variant.pk, quantity=2), key="k")
    assert draft(order, PiecesBack(variant_id=variant.pk, quantity=2), key="k").pk == document.pk
    assert cancel_supplier_return(return_id=document.pk).state == "cancelled"
    item.refresh_from_db()
    assert item.on_hand == 13
    other = draft(order, PiecesBack(variant_id=variant.pk, quantity=2))
    send_supplier_return(return_id=other.pk)
    with pytest.raises(InvalidTransition):
        cancel_supplier_return(return_id=other.pk)


def test_what_cannot_go_back_is_refused_and_stays():
    order, variant, item = came()
    strange = make_stock()
    [other_hold] = hold_stock(wishes=[HoldWish(stock_item_id=strange.pk, kind=HoldKind.DAMAGED, quantity=1)])
    for lines, over in (
        ([], {}),
        ([PiecesBack(variant_id=variant.pk, quantity=0)], {}),
        ([PiecesBack(variant_id=variant.pk, quantity=1)], {"reason": " "}),
        ([PiecesBack(variant_id=variant.pk, quantity=1, unit_price=-1)], {}),
        ([PiecesBack(variant_id=variant.pk, quantity=1, hold_id=other_hold.pk)], {}),
    ):
        with pytest.raises(InvalidInput):
            draft(order, *lines, **over)
    with pytest.raises(NotAllowed):
        draft(order, PiecesBack(variant_id=variant.pk, quantity=1), actor=make_user())
    assert SupplierReturn.objects.count() == 0
    for pieces in (
        PiecesBack(variant_id=variant.pk, quantity=11),
        PiecesBack(variant_id=variant.pk, quantity=4, hold_id=StockHold.objects.get(stock_item=item).pk),
        PiecesBack(variant_id=make_variant().pk, quantity=1),
    ):
        document = draft(order, pieces)
        with pytest.raises(InvalidInput):
            send_supplier_return(return_id=document.pk)
        document.refresh_from_db()
        assert document.state == "draft"
    item.refresh_from_db()
    assert (item.on_hand, item.held) == (13, 3)


def test_lots_and_numbers_leave_with_the_pieces():
    variant = make_variant()
    StockPolicy.objects.create(variant=variant, tracks_lots=True, tracks_serials=True)
    order = make_purchase_order((variant, 4))
    lines = [
        ReceivedLine(line_id=order.lines.get().pk, accepted=2, lot=LotGiven(number=lot), serials=(f"{lot}1", f"{lot}2"))
        for lot in ("A", "B")
    ]
    receive_goods(order_id=order.pk, lines=lines)
    lot = order.lines.get().receipt_lines.get(lot__number="B").lot
    document = draft(order, PiecesBack(variant_id=variant.pk, quantity=1, lot_id=lot.pk))
    with pytest.raises(InvalidInput):
        send_supplier_return(return_id=document.pk)
    send_supplier_return(return_id=document.pk, serials=["B1"])
    assert SerialNumber.objects.get(number="B1").state == "gone"
    shelves = StockItem.objects.get(variant=variant).shelves
    assert sorted(shelves.values_list("lot__number", "quantity")) == [("A", 2), ("B", 1)]
    assert books_hold()


def test_deliveries_are_measured():
    variant = make_variant()
    item = make_supplier_item(variant)
    today = timezone.localdate()
    for days, price in ((500, 100), (30, 110)):
        PriceBreak.objects.create(item=item, starts_on=today - timedelta(days=days), price=price)
    assert supplier_performance(supplier_id=item.supplier_id).orders == 0
    for late, pieces, bad in ((0, 10, 0), (4, 10, 2), (-3, 10, 0)):
        order = make_purchase_order((variant, 10), supplier=item.supplier, expected_on=today - timedelta(days=late))
        line = ReceivedLine(line_id=order.lines.get().pk, accepted=pieces - bad, damaged=bad)
        receive_goods(order_id=order.pk, lines=[line])
    found = supplier_performance(supplier_id=item.supplier_id)
    assert (found.orders, found.on_time, found.complete, found.good, found.late_days) == (3, 66, 100, 93, 4)
    assert str(found.price_change) == "10.0"
    GoodsReceipt.objects.update(received_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert supplier_performance(supplier_id=item.supplier_id).on_time is None
