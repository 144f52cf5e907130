"""What happened to prices; the subject is the product."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core.display import moment_text
from core.events import Event
from core.money import format_money


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
