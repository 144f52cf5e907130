"""What happened to purchase orders; amounts stay out of it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.events import Event
from purchasing.models import PurchaseOrder


def pieces(count: int) -> str:
    """Return e.g. "3 pieces"."""
    return ngettext("%(count)d piece", "%(count)d pieces", count) % {"count": count}


@dataclass(frozen=True, kw_only=True)
class PurchaseEvent(Event):
    """Base of all facts about one purchase order."""

    order_id: int


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderDrafted(PurchaseEvent):
    """A draft was made, by a person or by the nightly proposals; ``copied_from`` is the number of its model."""

    name = "purchasing.purchase_order_drafted"

    line_count: int
    is_automatic: bool = False
    copied_from: str = ""

    def sentence(self) -> str:
        """Return e.g. "Drafted with 3 lines"."""
        lines = ngettext("%(count)d line", "%(count)d lines", self.line_count) % {"count": self.line_count}
        if self.copied_from:
            return _("Drafted with %(lines)s as a copy of %(number)s") % {"lines": lines, "number": self.copied_from}
        said = _("Drafted automatically with %(lines)s") if self.is_automatic else _("Drafted with %(lines)s")
        return said % {"lines": lines}


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderEdited(PurchaseEvent):
    """A draft was changed; SKUs of lines that came, went or changed, and names of other fields."""

    name = "purchasing.purchase_order_edited"

    added: list[str]
    changed: list[str]
    removed: list[str]
    fields: list[str]

    def sentence(self) -> str:
        """Return e.g. "Changed: SHIRT-M, expected; added: CAP; removed: SOCKS"."""
        names = {field.name: str(field.verbose_name) for field in PurchaseOrder._meta.fields}
        parts = [
            (_("Changed: %(what)s"), [*self.changed, *(names.get(name, name) for name in self.fields)]),
            (_("added: %(what)s"), self.added),
            (_("removed: %(what)s"), self.removed),
        ]
        said = "; ".join(text % {"what": ", ".join(what)} for text, what in parts if what)
        return said[:1].upper() + said[1:]


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderSubmitted(PurchaseEvent):
    """A draft was handed in for approval."""

    name = "purchasing.purchase_order_submitted"

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Handed in for approval")


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderApproved(PurchaseEvent):
    """The order may go out; ``is_below_limit`` when nobody had to be asked."""

    name = "purchasing.purchase_order_approved"

    is_below_limit: bool = False

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Approved: the total is below the limit") if self.is_below_limit else _("Approved")


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderReopened(PurchaseEvent):
    """The order is a draft again; an approval it had is gone."""

    name = "purchasing.purchase_order_reopened"

    reason: str = ""

    def sentence(self) -> str:
        """Return e.g. "Back to draft: too many"."""
        return _("Back to draft: %(reason)s") % {"reason": self.reason} if self.reason else _("Back to draft")


@dataclass(frozen=True, kw_only=True)
class PurchaseMailQueued(PurchaseEvent):
    """The order will be mailed to the supplier."""

    name = "purchasing.purchase_mail_queued"

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Mail to the supplier is on its way")


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderSent(PurchaseEvent):
    """The supplier has the order: by our mail, or by a person who sent it another way."""

    name = "purchasing.purchase_order_sent"

    by_hand: bool = False

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Sent by a person, outside this system") if self.by_hand else _("Mailed to the supplier")


@dataclass(frozen=True, kw_only=True)
class PurchaseMailFailed(PurchaseEvent):
    """The mail did not go out, or nobody knows whether it did (``is_unclear``)."""

    name = "purchasing.purchase_mail_failed"

    error: str = ""
    is_unclear: bool = False

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        failed = _("The mail could not be sent (%(error)s)") % {"error": self.error}
        return _("It is unclear whether the mail went out; ask the supplier") if self.is_unclear else failed


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderConfirmed(PurchaseEvent):
    """The supplier confirmed; ``changed`` are SKUs whose quantity or day differs from what was ordered."""

    name = "purchasing.purchase_order_confirmed"

    reference: str = ""
    changed: list[str]

    def sentence(self) -> str:
        """Return e.g. "Confirmed by the supplier (SO-77), with changes: CAP"."""
        start = _("Confirmed by the supplier")
        if self.reference:
            start = f"{start} ({self.reference})"
        said = _("%(confirmed)s, with changes: %(skus)s") % {"confirmed": start, "skus": ", ".join(self.changed)}
        return said if self.changed else start


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderCancelled(PurchaseEvent):
    """Nothing of the order will come."""

    name = "purchasing.purchase_order_cancelled"

    reason: str

    def sentence(self) -> str:
        """Return e.g. "Cancelled: ordered twice"."""
        return _("Cancelled: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderClosed(PurchaseEvent):
    """What had not arrived of the order was given up."""

    name = "purchasing.purchase_order_closed"

    reason: str
    piece_count: int

    def sentence(self) -> str:
        """Return e.g. "Closed; 3 pieces no longer expected: sold out there"."""
        said = {"pieces": pieces(self.piece_count), "reason": self.reason}
        return _("Closed; %(pieces)s no longer expected: %(reason)s") % said
