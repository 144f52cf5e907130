"""Facts about coupons; never a code: whoever reads one can spend it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.events import Event
from core.money import format_money
from service.events.base import TicketEvent


@dataclass(frozen=True, kw_only=True)
class CouponCodesAdded(Event):
    """Codes were added; the subject is the coupon."""

    name = "service.coupon_codes_added"

    count: int

    def sentence(self) -> str:
        """Return e.g. "20 codes added"."""
        return ngettext("%(count)s code added", "%(count)s codes added", self.count) % {"count": self.count}


@dataclass(frozen=True, kw_only=True)
class CouponGiven(TicketEvent):
    """The customer gets a code of a coupon."""

    name = "service.coupon_given"

    coupon: str  # its name
    amount: int  # minor units
    currency: str

    def sentence(self) -> str:
        """Return e.g. "Coupon given: Sorry (₩3,000)"."""
        worth = format_money(self.amount, self.currency)
        return _("Coupon given: %(coupon)s (%(worth)s)") % {"coupon": self.coupon, "worth": worth}


@dataclass(frozen=True, kw_only=True)
class CouponTakenBack(TicketEvent):
    """A code that the customer was never told is free again."""

    name = "service.coupon_taken_back"

    coupon: str

    def sentence(self) -> str:
        """Return e.g. "Coupon taken back: Sorry"."""
        return _("Coupon taken back: %(coupon)s") % {"coupon": self.coupon}
