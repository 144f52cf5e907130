"""What happened to returns to suppliers."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.events import Event
from purchasing.events.ordering import pieces


@dataclass(frozen=True, kw_only=True)
class SupplierReturnEvent(Event):
    """Base of all facts about one return to a supplier."""

    return_id: int
    number: str


@dataclass(frozen=True, kw_only=True)
class SupplierReturnDrafted(SupplierReturnEvent):
    """Somebody wrote down what is to go back."""

    name = "purchasing.supplier_return_drafted"

    piece_count: int

    def sentence(self) -> str:
        """Return e.g. "Drafted: 3 pieces"."""
        return _("Drafted: %(pieces)s") % {"pieces": pieces(self.piece_count)}


@dataclass(frozen=True, kw_only=True)
class SupplierReturnEdited(SupplierReturnEvent):
    """The draft says something else now."""

    name = "purchasing.supplier_return_edited"

    piece_count: int

    def sentence(self) -> str:
        """Return e.g. "Changed: 3 pieces"."""
        return _("Changed: %(what)s") % {"what": pieces(self.piece_count)}


@dataclass(frozen=True, kw_only=True)
class SupplierReturnSent(SupplierReturnEvent):
    """The goods left for the supplier."""

    name = "purchasing.supplier_return_sent"

    entry: str

    def sentence(self) -> str:
        """Return e.g. "Sent back (E-0000007)"."""
        return _("Sent back (%(entry)s)") % {"entry": self.entry}


@dataclass(frozen=True, kw_only=True)
class SupplierReturnCredited(SupplierReturnEvent):
    """The supplier's credit note came; the amount stays out of it."""

    name = "purchasing.supplier_return_credited"

    credit_number: str

    def sentence(self) -> str:
        """Return e.g. "Credited (CN-17)"."""
        return _("Credited (%(number)s)") % {"number": self.credit_number}


@dataclass(frozen=True, kw_only=True)
class SupplierReturnCancelled(SupplierReturnEvent):
    """The goods stay."""

    name = "purchasing.supplier_return_cancelled"

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Cancelled")
