"""Suppliers' invoices against order and receipt."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from purchasing.models import MatchTolerance, SupplierInvoice
from purchasing.selectors.matching import billable_lines, match_invoice
from purchasing.services import (
    InvoiceHead,
    InvoiceLine,
    ReceivedLine,
    approve_invoice,
    enter_invoice,
    receive_goods,
    reject_invoice,
    undo_receipt,
)
from tests.factories import make_user, make_variant
from tests.purchasing.making import make_purchase_order

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 2)


def received(pieces=10, of=10, price=1000, **over):
    order = make_purchase_order((make_variant(), of), unit_price=price, **over)
    line = order.lines.get()
    receipt = receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=line.pk, accepted=pieces)])
    return order, line, receipt


def enter(order, *lines, total=None, key="", actor=None, **over):
    said = {"number": "I-1", "invoiced_on": DAY, "currency": order.currency, **over}
    whole = sum(line.quantity * line.unit_price for line in lines) + said.get("tax", 0)
    head = InvoiceHead(**{"total": whole if total is None else total, **said})
    return enter_invoice(supplier_id=order.supplier_id, head=head, lines=lines, key=key, actor=actor)


def test_what_came_may_be_invoiced_at_the_ordered_price():
    order, line, _receipt = received(8)
    [billable] = billable_lines(order_id=order.pk)
    assert (billable.line, billable.quantity) == (line, 8)
    invoice = enter(order, InvoiceLine(order_line_id=line.pk, quantity=8, unit_price=1000), tax=800)
    assert (invoice.state, invoice.total, invoice.due_on) == ("matched", 8800, date(2026, 12, 2))
    assert match_invoice(invoice=invoice).all_sentences == []
    assert billable_lines(order_id=order.pk) == []


def test_each_difference_has_its_sentence():
    order, line, _receipt = received(8)
    sku = line.variant.sku
    invoice = enter(
        order,
        InvoiceLine(order_line_id=line.pk, quantity=10, unit_price=1100),
        InvoiceLine(description="Freight", unit_price=3000),
        total=15000,
    )
    assert invoice.state == "differs"
    assert match_invoice(invoice=invoice).all_sentences == [
        f"{sku}: 10 pieces invoiced, 8 came and are not invoiced yet.",
        f"{sku}: ₩1,100 for a piece, ordered at ₩1,000.",
        "Not on an order: Freight, ₩3,000.",
        "The lines and the tax add up to ₩14,000, the invoice says ₩15,000.",
    ]


@pytest.mark.parametrize(
    ("percent", "amount", "state"), [("5", 1000, "matched"), ("4.99", 1000, "differs"), ("5", 499, "differs")]
)
def test_a_price_is_tolerated_within_both_limits(percent, amount, state):
    order, line, _receipt = received(10)
    MatchTolerance.objects.create(currency="KRW", percent=Decimal(percent), amount=amount)
    assert enter(order, InvoiceLine(order_line_id=line.pk, quantity=10, unit_price=1050)).state == state


def test_pieces_are_invoiced_once_unless_the_first_invoice_was_rejected():
    order, line, _receipt = received(10)
    say = InvoiceLine(order_line_id=line.pk, quantity=6, unit_price=1000)
    first = enter(order, say)
    second = enter(order, say, number="I-2")
    assert (first.state, second.state) == ("matched", "differs")
    reject_invoice(invoice_id=first.pk, note="Wrong company")
    approve_invoice(invoice_id=second.pk)
    second.refresh_from_db()
    assert second.state == "approved"


def test_later_receipts_and_undone_ones_are_compared_again():
    order, line, receipt = received(4)
    invoice = enter(order, InvoiceLine(order_line_id=line.pk, quantity=10, unit_price=1000))
    assert invoice.state == "differs"
    receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=line.pk, accepted=6)])
    invoice.refresh_from_db()
    assert invoice.state == "matched"
    undo_receipt(receipt_id=receipt.pk, reason="Wrong")
    invoice.refresh_from_db()
    assert invoice.state == "differs"


def test_what_cannot_be_entered_is_refused():
    order, line, _receipt = received()
    _other, strange, _receipt = received()
    good = InvoiceLine(order_line_id=line.pk, quantity=1, unit_price=1000)
    for lines, over in (
        ([], {}),
        ([good], {"number": " "}),
        ([good, good], {}),
        ([InvoiceLine(order_line_id=strange.pk)], {}),
        ([InvoiceLine(order_line_id=line.pk, quantity=0)], {}),
        ([good], {"currency": "USD"}),
        ([good], {"tax": -1, "total": 5}),
    ):
        with pytest.raises(InvalidInput):
            enter(order, *lines, **over)
    assert SupplierInvoice.objects.count() == 0
    enter(order, good)
    with pytest.raises(InvalidInput, match="entered already"):
        enter(order, good, number=" I-1 ")
    assert SupplierInvoice.objects.count() == 1


def test_one_that_differs_is_approved_by_somebody_else_with_a_note():
    costs = "purchasing.view_costs"
    clerk = make_user(permissions=[costs, "purchasing.add_supplierinvoice", "purchasing.decide_supplierinvoice"])
    boss = make_user(permissions=[costs, "purchasing.decide_supplierinvoice"])
    order, line, _receipt = received()
    say = InvoiceLine(order_line_id=line.pk, quantity=10, unit_price=1200)
    with pytest.raises(NotAllowed):
        enter(order, say, actor=boss)
    invoice = enter(order, say, actor=clerk)
    with pytest.raises(NotAllowed):
        approve_invoice(invoice_id=invoice.pk, note="Agreed", actor=clerk)
    with pytest.raises(NotAllowed):
        approve_invoice(invoice_id=invoice.pk, note="Agreed", actor=make_user())
    with pytest.raises(InvalidInput):
        approve_invoice(invoice_id=invoice.pk, actor=boss)
    invoice.refresh_from_db()
    assert (invoice.state, invoice.decided_by) == ("differs", None)
    approve_invoice(invoice_id=invoice.pk, note="Agreed", actor=boss)
    invoice.refresh_from_db()
    assert (invoice.state, invoice.decided_by, invoice.note) == ("approved", boss, "Agreed")
    with pytest.raises(InvalidTransition):
        reject_invoice(invoice_id=invoice.pk, note="No", actor=boss)


def test_the_same_key_enters_once():
    order, line, _receipt = received()
    say = InvoiceLine(order_line_id=line.pk, quantity=10, unit_price=1000)
    assert enter(order, say, key="k").pk == enter(order, say, key="k").pk
    assert SupplierInvoice.objects.count() == 1
