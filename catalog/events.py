"""What happened to products; the subject is the product."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from catalog.fields import column_label, names_of
from core.display import moment_text
from core.events import Event
from core.money import format_money


@dataclass(frozen=True, kw_only=True)
class ProductCreated(Event):
    """A product with its variants entered the catalogue."""

    name = "catalog.product_created"

    product_id: int
    variant_count: int

    def sentence(self) -> str:
        """Return e.g. "Created with 6 variants"."""
        return ngettext("Created with %(count)d variant", "Created with %(count)d variants", self.variant_count) % {
            "count": self.variant_count
        }


@dataclass(frozen=True, kw_only=True)
class VariantsAdded(Event):
    """A product has more variants now."""

    name = "catalog.variants_added"

    product_id: int
    count: int

    def sentence(self) -> str:
        """Return e.g. "12 variants added"."""
        return ngettext("%(count)d variant added", "%(count)d variants added", self.count) % {"count": self.count}


@dataclass(frozen=True, kw_only=True)
class ProductCopied(Event):
    """A product began as a copy of another one."""

    name = "catalog.product_copied"

    product_id: int
    source_id: int
    source_code: str

    def sentence(self) -> str:
        """Return e.g. "Copied from SHIRT-1"."""
        return _("Copied from %(code)s") % {"code": self.source_code}


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
class PictureRemoved(Event):
    """A picture was taken off a product."""

    name = "catalog.picture_removed"

    product_id: int
    number: int  # as people count: the face was 1
    reason: str

    def sentence(self) -> str:
        """Return e.g. "Picture 2 removed: wrong colour"."""
        return _("Picture %(number)s removed: %(reason)s") % {"number": self.number, "reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class _OfPrice(Event):
    """What happened to a price of one variant on one channel."""

    sku: str
    sales_channel: str  # its name
    currency: str
    amount: int

    def words(self) -> dict[str, str]:
        """Return what each sentence says."""
        amount = format_money(self.amount, self.currency)
        return {"sku": self.sku, "channel": self.sales_channel, "amount": amount}


@dataclass(frozen=True, kw_only=True)
class PriceChanged(_OfPrice):
    """A variant costs something else on one channel from some moment on."""

    name = "catalog.price_changed"

    variant_id: int
    before: int | None = None
    price_id: int = 0
    starts_at: str = ""  # of a planned price, ISO 8601
    ends_at: str = ""

    def sentence(self) -> str:
        """Return e.g. "SHIRT-M on Rakuten: ¥2,000 instead of ¥2,400 (from 3 May until 10 May)"."""
        words = {**self.words(), "before": format_money(self.before, self.currency)}
        bare, compared = (
            _("%(sku)s on %(channel)s: %(amount)s"),
            _("%(sku)s on %(channel)s: %(amount)s instead of %(before)s"),
        )
        return (bare if self.before is None else compared) % words + _period_words(self.starts_at, self.ends_at)


def _period_words(starts_at: str, ends_at: str) -> str:
    start = moment_text(datetime.fromisoformat(starts_at)) if starts_at else ""
    end = moment_text(datetime.fromisoformat(ends_at)) if ends_at else ""
    if start and end:
        return " " + _("(from %(start)s until %(end)s)") % {"start": start, "end": end}
    if start:
        return " " + _("(from %(start)s)") % {"start": start}
    return " " + _("(until %(end)s)") % {"end": end} if end else ""


@dataclass(frozen=True, kw_only=True)
class PriceTakenBack(_OfPrice):
    """A planned price will not come, or a running one ends earlier or later than it would."""

    name = "catalog.price_taken_back"

    variant_id: int
    ends_at: str = ""  # empty: it never begins

    def sentence(self) -> str:
        """Return e.g. "SHIRT-M on Rakuten: the planned price ¥2,000 is taken back"."""
        if not self.ends_at:
            return _("%(sku)s on %(channel)s: the planned price %(amount)s is taken back") % self.words()
        words = {**self.words(), "end": moment_text(datetime.fromisoformat(self.ends_at))}
        return _("%(sku)s on %(channel)s: %(amount)s ends at %(end)s") % words


@dataclass(frozen=True, kw_only=True)
class PriceProposed(_OfPrice):
    """Somebody wants a price below the lowest margin; a second person is asked."""

    name = "catalog.price_proposed"

    proposal_id: int
    margin: int
    margin_floor: int

    def sentence(self) -> str:
        """Return e.g. "SHIRT-M on Rakuten: ¥900 wanted, margin 8 % (lowest 20 %)"."""
        words = {**self.words(), "margin": self.margin, "floor": self.margin_floor}
        return _("%(sku)s on %(channel)s: %(amount)s wanted, margin %(margin)s %% (lowest %(floor)s %%)") % words


@dataclass(frozen=True, kw_only=True)
class PriceProposalDecided(_OfPrice):
    """A wanted price was approved, refused, taken back, or another one took its place."""

    name = "catalog.price_proposal_decided"

    proposal_id: int
    state: str
    note: str = ""

    def sentence(self) -> str:
        """Return e.g. "SHIRT-M on Rakuten: wanted price ¥900 refused: too low"."""
        said = {
            "approved": _("%(sku)s on %(channel)s: wanted price %(amount)s approved"),
            "refused": _("%(sku)s on %(channel)s: wanted price %(amount)s refused"),
        }.get(self.state, _("%(sku)s on %(channel)s: wanted price %(amount)s withdrawn"))
        return said % self.words() + (f": {self.note}" if self.note else "")


@dataclass(frozen=True, kw_only=True)
class ProductContentChanged(Event):
    """Something that a reviewer sees was changed; who did cannot approve the product afterwards."""

    name = "catalog.product_content_changed"

    product_id: int
    parts: list[str]  # catalog.fields
    before: str  # status of the product
    is_reopened: bool = False  # True: it was in review or approved and is a draft again

    def sentence(self) -> str:
        """Return e.g. "Changed: Name, Prices. It is a draft again."."""
        words = {"parts": names_of(self.parts)}
        if self.is_reopened and self.before == "in_review":
            return _("Changed during the review: %(parts)s. It is a draft again.") % words
        if self.is_reopened:
            return _("Changed after the approval: %(parts)s. It is a draft again.") % words
        return _("Changed: %(parts)s") % words


@dataclass(frozen=True, kw_only=True)
class GoodsEdited(Event):
    """Cells of a product and its variants were edited in a grid; ``changes`` quotes the first of ``count``."""

    name = "catalog.goods_edited"

    product_id: int
    changes: list[list[str]]  # [SKU or "", column such as "product.name" or "text.ko.title", before, after]
    count: int

    def sentence(self) -> str:
        """Return e.g. "Name: “Tee” → “Shirt”; TEE-M · Barcode: – → “4901234567894”"."""
        said = [_edited(*change) for change in self.changes]
        more = self.count - len(said)
        if more > 0:
            said.append(ngettext("%(count)d more change", "%(count)d more changes", more) % {"count": more})
        return "; ".join(said)


def _edited(sku: str, column: str, before: str, after: str) -> str:
    label = column_label(column)
    quoted = [f"“{text}”" if text else "–" for text in (before, after)]
    return f"{sku} · {label}: {quoted[0]} → {quoted[1]}" if sku else f"{label}: {quoted[0]} → {quoted[1]}"


@dataclass(frozen=True, kw_only=True)
class CertificateAdded(Event):
    """A certificate of the product was written down."""

    name = "catalog.certificate_added"

    kind: str  # code of compliance.CertificateKind
    number: str

    def sentence(self) -> str:
        """Return e.g. "Certificate added: kr-kc-safety-confirmation CB061R0001"."""
        return _("Certificate added: %(kind)s %(number)s") % {"kind": self.kind, "number": self.number}


@dataclass(frozen=True, kw_only=True)
class CertificateRemoved(Event):
    """A certificate was taken off the product; what it said is kept here."""

    name = "catalog.certificate_removed"

    kind: str
    number: str
    reason: str

    def sentence(self) -> str:
        """Return what was removed and why."""
        words = {"kind": self.kind, "number": self.number, "reason": self.reason}
        return _("Certificate removed: %(kind)s %(number)s (%(reason)s)") % words


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
