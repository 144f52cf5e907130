"""A supplier's invoice is entered and compared at once."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import InvalidInput
from core.events import record
from purchasing.events import InvoiceEntered
from purchasing.models import (
    InvoiceState,
    PurchaseOrder,
    PurchaseOrderLine,
    Supplier,
    SupplierInvoice,
    SupplierInvoiceLine,
)
from purchasing.policies import can_enter_invoices
from purchasing.selectors.matching import match_invoice
from purchasing.services.ordering.orders import MOST_PIECES, MOST_PRICE, check_right
from staff.models import User

OPEN_INVOICES = (InvoiceState.OPEN, InvoiceState.MATCHED, InvoiceState.DIFFERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """So many pieces of an order line, or something else (``description``), at a price in minor units."""

    order_line_id: int | None = None
    description: str = ""
    quantity: int = 1
    unit_price: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceHead:
    """What stands on top and at the foot of an invoice; amounts in minor units, ``total`` with tax."""

    number: str
    invoiced_on: date
    currency: str
    total: int
    tax: int = 0
    due_on: date | None = None
    note: str = ""


def enter_invoice(
    *, supplier_id: int, head: InvoiceHead, lines: Sequence[InvoiceLine], key: str = "", actor: User | None = None
) -> SupplierInvoice:
    """Write an invoice down, compare it with orders and receipts, and return it: it agrees or differs.

    Without ``due_on`` it is due after the supplier's days. The same ``key`` enters it once. InvalidInput for a number
    that this supplier used before, no lines, lines of another supplier or currency, and amounts that cannot be;
    NotAllowed without the right.
    """
    check_right(can_enter_invoices, actor)

    def run() -> int:
        return _enter(supplier_id, head, lines, actor).pk

    if not key:
        return SupplierInvoice.objects.get(pk=run())
    parameters = {"supplier": supplier_id, "head": asdict(head), "lines": [asdict(line) for line in lines]}
    return SupplierInvoice.objects.get(pk=once(key=f"purchasing.invoice:{key}", parameters=parameters, run=run))


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _enter(supplier_id: int, head: InvoiceHead, lines: Sequence[InvoiceLine], actor: User | None) -> SupplierInvoice:
    supplier = Supplier.objects.select_for_update(no_key=True).get(pk=supplier_id)
    invoice = SupplierInvoice(
        supplier=supplier, number=head.number.strip(), invoiced_on=head.invoiced_on, currency=head.currency,
        tax=head.tax, due_on=head.due_on or head.invoiced_on + timedelta(days=supplier.payment_days),
        total=head.total, note=head.note.strip()[:300], created_by=actor,
    )  # fmt: skip
    if not invoice.number:
        raise InvalidInput(_("Write the number of the invoice."))
    if SupplierInvoice.objects.filter(supplier=invoice.supplier, number=invoice.number).exists():
        raise InvalidInput(_("Invoice %(number)s of this supplier is entered already.") % {"number": invoice.number})
    _check(lines, invoice)
    _lock_orders({line.order_line_id for line in lines if line.order_line_id}, invoice)
    invoice.save()
    SupplierInvoiceLine.objects.bulk_create(
        SupplierInvoiceLine(
            invoice=invoice, order_line_id=line.order_line_id, description=line.description.strip()[:200],
            quantity=line.quantity, unit_price=line.unit_price,
        )
        for line in lines
    )  # fmt: skip
    refresh_match(invoice)
    fact = InvoiceEntered(invoice_id=invoice.pk, number=invoice.number, agrees=invoice.state == InvoiceState.MATCHED)
    record(fact, subject=invoice, actor=actor)
    return invoice


def _check(lines: Sequence[InvoiceLine], invoice: SupplierInvoice) -> None:
    if not lines:
        raise InvalidInput(_("An invoice has at least one line."))
    if not all(0 < line.quantity <= MOST_PIECES and 0 <= line.unit_price <= MOST_PRICE for line in lines):
        raise InvalidInput(_("A quantity or a price cannot be used. Write whole pieces and an amount from 0 on."))
    if not (0 <= invoice.tax <= MOST_PRICE and 0 <= invoice.total <= MOST_PRICE * 100):
        raise InvalidInput(_("Tax and total are amounts from 0 on."))
    named = [line.order_line_id for line in lines if line.order_line_id]
    if len(set(named)) < len(named):
        raise InvalidInput(_("A line of an order occurs twice. Add its pieces up."))


def _lock_orders(order_line_ids: Collection[int], invoice: SupplierInvoice) -> None:
    """Lock the orders, so that of two invoices for the same pieces the second one sees the first."""
    found = PurchaseOrderLine.objects.filter(pk__in=order_line_ids)
    if len(found) < len(order_line_ids):
        raise InvalidInput(_("A line does not belong to this order. Reload the page."))
    orders = PurchaseOrder.objects.filter(pk__in={line.order_id for line in found}).order_by("pk")
    for order in orders.select_for_update(no_key=True, of=("self",)):
        if order.supplier_id != invoice.supplier_id or order.currency != invoice.currency:
            raise InvalidInput(
                _("Order %(number)s is of another supplier or in another currency.") % {"number": order.number}
            )


def refresh_match(invoice: SupplierInvoice) -> None:
    """Compare an undecided invoice again and save whether it agrees."""
    agrees = match_invoice(invoice=invoice).agrees
    state = InvoiceState.MATCHED if agrees else InvoiceState.DIFFERS
    if invoice.state != state:
        invoice.state = state
        invoice.save(update_fields=["state"])


def rematch_invoices(order_id: int) -> None:
    """Compare the undecided invoices of a locked order again: something came, or was taken back."""
    undecided = SupplierInvoice.objects.filter(
        pk__in=SupplierInvoiceLine.objects.filter(order_line__order=order_id).values("invoice"),
        state__in=OPEN_INVOICES,
    )
    for invoice in undecided.select_for_update(no_key=True).order_by("pk"):
        refresh_match(invoice)
