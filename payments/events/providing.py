"""What happened to money at providers; the subject is the order."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.money import format_money
from orders.events import OrderEvent
from payments.models import ProviderCode


@dataclass(frozen=True, kw_only=True)
class ProviderEventBase(OrderEvent):
    """Base of the steps of a provider payment."""

    amount: int
    currency: str
    provider: str

    @property
    def words(self) -> dict[str, str]:
        """Return what sentences are made of."""
        known = self.provider in ProviderCode.values
        provider = str(ProviderCode(self.provider).label) if known else self.provider
        return {"amount": format_money(self.amount, self.currency), "provider": provider}


@dataclass(frozen=True, kw_only=True)
class PaymentAuthorised(ProviderEventBase):
    """Money is reserved; nothing was taken."""

    name = "payments.payment_authorised"

    def sentence(self) -> str:
        """Return e.g. "₩12,000 authorised (Stripe)"."""
        return _("%(amount)s authorised (%(provider)s)") % self.words


@dataclass(frozen=True, kw_only=True)
class PaymentCaptured(ProviderEventBase):
    """Money was taken."""

    name = "payments.payment_captured"

    def sentence(self) -> str:
        """Return e.g. "₩12,000 captured (Stripe)"."""
        return _("%(amount)s captured (%(provider)s)") % self.words


@dataclass(frozen=True, kw_only=True)
class PaymentVoided(ProviderEventBase):
    """What was reserved is free again for the customer."""

    name = "payments.payment_voided"

    def sentence(self) -> str:
        """Return e.g. "₩12,000 let go (Stripe)"."""
        return _("%(amount)s let go (%(provider)s)") % self.words
