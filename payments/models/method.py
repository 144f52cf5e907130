"""Ways to pay, and how each behaves."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MethodKind(models.TextChoices):
    """What a way to pay is; ``WAYS`` says how it behaves."""

    CARD = "card", pgettext_lazy("payment method", "Card")
    BANK_TRANSFER = "bank_transfer", pgettext_lazy("payment method", "Bank transfer")
    VIRTUAL_ACCOUNT = "virtual_account", pgettext_lazy("payment method", "Virtual account")
    CASH_ON_DELIVERY = "cash_on_delivery", pgettext_lazy("payment method", "Cash on delivery")
    CONVENIENCE_STORE = "convenience_store", pgettext_lazy("payment method", "Convenience store")
    PAYPAL = "paypal", pgettext_lazy("payment method", "PayPal")
    POINTS = "points", pgettext_lazy("payment method", "Points")
    GIFT_CARD = "gift_card", pgettext_lazy("payment method", "Gift card")
    OTHER = "other", pgettext_lazy("payment method", "Other")


class Confirmer(models.TextChoices):
    """Who says that the money came."""

    PROVIDER = "provider", pgettext_lazy("payment method", "the provider")
    BANK = "bank", pgettext_lazy("payment method", "the bank’s list")
    CARRIER = "carrier", pgettext_lazy("payment method", "the carrier")
    PERSON = "person", pgettext_lazy("payment method", "a person")


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a kind behaves: paid before shipping, money reserved first and taken later, and who confirms it."""

    is_prepaid: bool = True
    authorises: bool = False
    confirmed_by: Confirmer = Confirmer.PERSON


_K = MethodKind
WAYS: Mapping[MethodKind, Way] = {
    _K.CARD: Way(authorises=True, confirmed_by=Confirmer.PROVIDER),
    _K.BANK_TRANSFER: Way(confirmed_by=Confirmer.BANK),
    _K.VIRTUAL_ACCOUNT: Way(confirmed_by=Confirmer.PROVIDER),
    _K.CASH_ON_DELIVERY: Way(is_prepaid=False, confirmed_by=Confirmer.CARRIER),
    _K.CONVENIENCE_STORE: Way(confirmed_by=Confirmer.PROVIDER),
    _K.PAYPAL: Way(authorises=True, confirmed_by=Confirmer.PROVIDER),
    _K.POINTS: Way(),
    _K.GIFT_CARD: Way(),
    _K.OTHER: Way(),
}


class CaptureTime(models.TextChoices):
    """When money that is reserved is taken."""

    AT_ONCE = "at_once", pgettext_lazy("capture", "At once")
    ON_SHIPPING = "on_shipping", pgettext_lazy("capture", "When the order ships")
    BY_HAND = "by_hand", pgettext_lazy("capture", "By hand")


class ProviderCode(models.TextChoices):
    """Who holds the money between customer and shop."""

    STRIPE = "stripe", "Stripe"
    PAYPAL = "paypal", "PayPal"
    TOSS = "toss", "Toss Payments"
    MANUAL = "manual", pgettext_lazy("payment provider", "By hand")


class PaymentMethod(models.Model):
    """A way to pay that the shop offers; ``words`` are its names as channels write them, one a line."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(pgettext_lazy("payment method", "name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=MethodKind.choices)
    provider = models.CharField(_("provider"), max_length=10, choices=ProviderCode.choices, default=ProviderCode.MANUAL)
    captures = models.CharField(
        _("money is taken"), max_length=12, choices=CaptureTime.choices, default=CaptureTime.AT_ONCE
    )
    words = models.TextField(_("names at channels"), blank=True)
    is_active = models.BooleanField(pgettext_lazy("payment method", "offered"), default=True)

    class Meta:
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MethodKind.values), name="payments_method_kind_valid"),
            models.CheckConstraint(
                condition=Q(provider__in=ProviderCode.values), name="payments_method_provider_valid"
            ),
            models.CheckConstraint(condition=Q(captures__in=CaptureTime.values), name="payments_method_captures_valid"),
            models.CheckConstraint(
                condition=Q(captures=CaptureTime.AT_ONCE) | Q(kind__in=[kind for kind in _K if WAYS[kind].authorises]),
                name="payments_method_reserves_first",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def way(self) -> Way:
        """How it behaves."""
        return WAYS[MethodKind(self.kind)]
