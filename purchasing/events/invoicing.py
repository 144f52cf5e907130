"""What happened to suppliers' invoices."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class InvoiceEvent(Event):
    """Base of all facts about one supplier's invoice."""

    invoice_id: int
    number: str


@dataclass(frozen=True, kw_only=True)
class InvoiceEntered(InvoiceEvent):
    """An invoice was written down and compared with orders and receipts."""

    name = "purchasing.invoice_entered"

    agrees: bool

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Entered; it agrees with order and receipt") if self.agrees else _("Entered; it differs")


@dataclass(frozen=True, kw_only=True)
class InvoiceDecided(InvoiceEvent):
    """An invoice is to be paid, or not."""

    name = "purchasing.invoice_decided"

    is_approved: bool
    note: str

    def sentence(self) -> str:
        """Return e.g. "Approved: freight was agreed"."""
        start = _("Approved") if self.is_approved else _("Rejected")
        return f"{start}: {self.note}" if self.note else start
