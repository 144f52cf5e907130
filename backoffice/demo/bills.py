"""What suppliers ask to be paid: a year of invoices that agree, and this week's that do not."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from purchasing.models import GoodsReceipt, InvoiceState, MatchTolerance, PurchaseOrder, PurchaseState, SupplierInvoice
from purchasing.selectors.matching import billable_lines
from purchasing.services import InvoiceHead, InvoiceLine, approve_invoice, enter_invoice, reject_invoice
from staff.models import User

# currency: percent of the price, and at most so much of a line (minor units)
TOLERANCES = {"KRW": (1, 5_000), "JPY": (1, 500), "USD": (1, 500), "CNY": (1, 3_000)}
TAXED = ("KRW", "JPY")
TAX_PERCENT = 10
LONG_AGO = timedelta(days=45)
# what this month's orders are invoiced with, in turn
TURNS = ("agrees", "pieces", "price", "deposit", "agrees", "rejected", "price", "agrees")


def take_invoices(*, team: Mapping[str, User]) -> int:
    """Enter the invoices of what came; those of the past are approved, of this month's some differ. Return how many."""
    MatchTolerance.objects.bulk_create(
        MatchTolerance(currency=currency, percent=percent, amount=amount)
        for currency, (percent, amount) in TOLERANCES.items()
    )
    came = dict(GoodsReceipt.objects.filter(undone_at=None).order_by("received_at").values_list("order", "received_at"))
    came_in = (PurchaseState.PARTLY_RECEIVED, PurchaseState.RECEIVED, PurchaseState.CLOSED)
    turn = 0
    for order in PurchaseOrder.objects.filter(state__in=came_in, pk__in=came).order_by("pk"):
        on = min(timezone.localdate(came[order.pk]) + timedelta(days=2), timezone.localdate())
        if timezone.now() - came[order.pk] > LONG_AGO:
            invoice = _enter(order, "agrees", on, team)
            approve_invoice(invoice_id=invoice.pk, actor=team["manager"])
        else:
            invoice = _enter(order, TURNS[turn % len(TURNS)], on, team)
            turn += 1
        _move(invoice, on)
    return SupplierInvoice.objects.count()


def _enter(order: PurchaseOrder, how: str, on: date, team: Mapping[str, User]) -> SupplierInvoice:
    """Enter an invoice for all that came of an order, with the difference that its turn says."""
    lines = [
        InvoiceLine(order_line_id=one.line.pk, quantity=one.quantity, unit_price=one.line.unit_price)
        for one in billable_lines(order_id=order.pk)
    ]
    first = lines[0]
    if how == "pieces":  # of what is on its way still
        more = first.quantity + 4
        lines[0] = InvoiceLine(order_line_id=first.order_line_id, quantity=more, unit_price=first.unit_price)
    elif how == "price":
        dearer = first.unit_price * 108 // 100
        lines[0] = InvoiceLine(order_line_id=first.order_line_id, quantity=first.quantity, unit_price=dearer)
    elif how == "deposit":
        lines.append(InvoiceLine(description="팔레트 보증금", quantity=2, unit_price=first.unit_price))
    net = sum(line.quantity * line.unit_price for line in lines)
    tax = net * TAX_PERCENT // 100 if order.currency in TAXED else 0
    head = InvoiceHead(
        number=f"{on:%Y%m}-{order.pk:04d}", invoiced_on=on, currency=order.currency, tax=tax, total=net + tax
    )
    invoice = enter_invoice(supplier_id=order.supplier_id, head=head, lines=lines, actor=team["accountant"])
    if how == "deposit":
        return approve_invoice(invoice_id=invoice.pk, note="보증금 계약에 따름", actor=team["manager"])
    if how == "rejected":
        return reject_invoice(invoice_id=invoice.pk, note="공급사 요청으로 재발행 예정", actor=team["manager"])
    return invoice


def _move(invoice: SupplierInvoice, on: date) -> None:
    """Let an invoice have been entered on its day, and decided two days later."""
    entered = timezone.make_aware(datetime.combine(on, time(10, 20)))
    now = timezone.now()
    rows = SupplierInvoice.objects.filter(pk=invoice.pk)
    rows.update(created_at=min(entered, now))
    decided = rows.filter(state__in=(InvoiceState.APPROVED, InvoiceState.REJECTED))
    decided.update(decided_at=min(entered + timedelta(days=2), now))
