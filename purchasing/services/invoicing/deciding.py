"""Whether a supplier's invoice is paid is decided by a person."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from purchasing.events import InvoiceDecided
from purchasing.models import InvoiceState, PurchaseOrder, SupplierInvoice
from purchasing.policies import can_approve_invoice, can_decide_invoices
from purchasing.services.invoicing.entering import OPEN_INVOICES, refresh_match
from purchasing.services.ordering.orders import check_right
from staff.models import User


@transaction.atomic
def approve_invoice(*, invoice_id: int, note: str = "", actor: User | None = None) -> SupplierInvoice:
    """Let an invoice be paid and return it; it is compared once more under the lock.

    One that differs needs a note, and somebody else than who entered it. InvalidTransition when it is decided already;
    InvalidInput without the note; NotAllowed without the right or for one's own.
    """
    check_right(can_decide_invoices, actor)
    invoice = _locked(invoice_id)
    refresh_match(invoice)
    if invoice.state == InvoiceState.DIFFERS:
        if actor is not None and not can_approve_invoice(actor, invoice):
            raise NotAllowed(_("This invoice differs. Somebody else than who entered it approves it."))
        if not note.strip():
            raise InvalidInput(_("Say why an invoice that differs is paid."))
    return _decide(invoice, InvoiceState.APPROVED, note, actor)


@transaction.atomic
def reject_invoice(*, invoice_id: int, note: str, actor: User | None = None) -> SupplierInvoice:
    """Refuse an invoice with the reason and return it; its pieces may be invoiced again.

    InvalidTransition when it is decided already; InvalidInput without a reason; NotAllowed without the right.
    """
    check_right(can_decide_invoices, actor)
    invoice = _locked(invoice_id)
    if not note.strip():
        raise InvalidInput(_("Say why the invoice is rejected."))
    return _decide(invoice, InvoiceState.REJECTED, note, actor)


def _locked(invoice_id: int) -> SupplierInvoice:
    """Return the undecided invoice, locked after its orders, as receiving does it."""
    orders = PurchaseOrder.objects.filter(lines__invoice_lines__invoice=invoice_id).values("pk")
    list(PurchaseOrder.objects.filter(pk__in=orders).order_by("pk").select_for_update(no_key=True, of=("self",)))
    invoice = SupplierInvoice.objects.select_for_update(no_key=True).get(pk=invoice_id)
    if invoice.state not in OPEN_INVOICES:
        raise InvalidTransition(_("This invoice is decided already. Reload the page."))
    return invoice


def _decide(invoice: SupplierInvoice, state: InvoiceState, note: str, actor: User | None) -> SupplierInvoice:
    invoice.state, invoice.decided_by, invoice.decided_at = state, actor, timezone.now()
    invoice.note = " ".join(part for part in (invoice.note, note.strip()) if part)[:300]
    invoice.save(update_fields=["state", "decided_by", "decided_at", "note"])
    fact = InvoiceDecided(
        invoice_id=invoice.pk,
        number=invoice.number,
        is_approved=state == InvoiceState.APPROVED,
        note=note.strip()[:200],
    )
    record(fact, subject=invoice, actor=actor)
    return invoice
