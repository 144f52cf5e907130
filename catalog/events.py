"""What happened to products; the subject is the product."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.fields import names_of
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

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Taken off sale")


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
class PriceChanged(Event):
    """A variant costs something else on one channel from some moment on."""

    name = "catalog.price_changed"

    variant_id: int
    sku: str
    sales_channel: str  # its name
    currency: str
    amount: int
    before: int | None = None

    def sentence(self) -> str:
        """Return e.g. "SHIRT-M on Rakuten: ¥2,000 instead of ¥2,400"."""
        words = {
            "sku": self.sku,
            "channel": self.sales_channel,
            "amount": format_money(self.amount, self.currency),
            "before": format_money(self.before, self.currency),
        }
        if self.before is None:
            return _("%(sku)s on %(channel)s: %(amount)s") % words
        return _("%(sku)s on %(channel)s: %(amount)s instead of %(before)s") % words


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
