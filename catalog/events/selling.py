"""Review, sale and listings; the subject is the product, of rules the collection."""

from dataclasses import dataclass

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalog.fields import names_of
from core.display import moment_text
from core.events import Event


@dataclass(frozen=True, kw_only=True)
class ProductSubmitted(Event):
    """A product was handed in for review."""

    name = "catalog.product_submitted"

    product_id: int
    review_id: int
    round: int

    def sentence(self) -> str:
        """Return the sentence of the timeline, with the round from the second on."""
        if self.round > 1:
            return _("Submitted for review (round %(round)s)") % {"round": self.round}
        return _("Submitted for review")


@dataclass(frozen=True, kw_only=True)
class ProductWithdrawn(Event):
    """A product was taken back from review before anybody decided."""

    name = "catalog.product_withdrawn"

    product_id: int
    review_id: int

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return pgettext("product", "Taken back from review")


@dataclass(frozen=True, kw_only=True)
class ProductApproved(Event):
    """A reviewer approved what he saw of a product."""

    name = "catalog.product_approved"

    product_id: int
    review_id: int
    note: str = ""

    def sentence(self) -> str:
        """Return the sentence of the timeline, with the note."""
        return _("Approved: %(note)s") % {"note": self.note} if self.note else _("Approved")


@dataclass(frozen=True, kw_only=True)
class ProductChangesRequested(Event):
    """A reviewer wants something changed; the comments say what."""

    name = "catalog.product_changes_requested"

    product_id: int
    review_id: int
    parts: list[str]  # catalog.fields
    note: str = ""

    def sentence(self) -> str:
        """Return e.g. "Changes requested: Name, Prices"."""
        return _("Changes requested: %(parts)s") % {"parts": names_of(self.parts)}


@dataclass(frozen=True, kw_only=True)
class ProductActivated(Event):
    """A product went on sale."""

    name = "catalog.product_activated"

    product_id: int

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Put on sale")


@dataclass(frozen=True, kw_only=True)
class ProductEnded(Event):
    """A product is no longer sold; its history stays."""

    name = "catalog.product_ended"

    product_id: int
    replaced_by: str = ""  # code of the product that takes its place
    reason: str = ""

    def sentence(self) -> str:
        """Return the sentence of the timeline, with what takes its place."""
        said = _("Taken off sale")
        if self.replaced_by:
            said = _("Taken off sale, replaced by %(code)s") % {"code": self.replaced_by}
        return f"{said}: {self.reason}" if self.reason else said


@dataclass(frozen=True, kw_only=True)
class ListingMoved(Event):
    """A product is live, scheduled, paused or ended on one channel."""

    name = "catalog.listing_moved"

    product_id: int
    listing_id: int
    sales_channel: str  # its name
    state: str
    before: str = ""
    starts_at: str = ""  # ISO, of what is scheduled
    ends_at: str = ""
    reason: str = ""

    def sentence(self) -> str:
        """Return e.g. "Live on Rakuten" or "Paused on Rakuten: wrong picture"."""
        words = {"channel": self.sales_channel, "reason": self.reason, "at": _moment(self.starts_at)}
        said = {
            "planned": _("Planned on %(channel)s"),
            "scheduled": _("Scheduled on %(channel)s from %(at)s"),
            "live": _("Live on %(channel)s"),
            "paused": _("Paused on %(channel)s"),
            "ended": _("Ended on %(channel)s"),
        }[self.state] % words
        said = f"{said} – {_('until %(day)s') % {'day': _moment(self.ends_at)}}" if self.ends_at else said
        return f"{said}: {self.reason}" if self.reason else said


def _moment(text: str) -> str:
    moment = parse_datetime(text) if text else None
    return str(moment_text(moment)) if moment else ""


@dataclass(frozen=True, kw_only=True)
class CollectionRulesChanged(Event):
    """A collection follows other rules; the subject is the collection."""

    name = "catalog.collection_rules_changed"

    collection: str

    def sentence(self) -> str:
        """Return "New rules"."""
        return _("The rules of %(collection)s were changed.") % {"collection": self.collection}
