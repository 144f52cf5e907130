"""What foreign money is worth in the shop's currency."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from core.money import minor_digits, to_decimal, to_minor
from purchasing.models import ExchangeRate


def rate_on(*, currency: str, day: date | None = None) -> Decimal | None:
    """Return what one unit of the currency is worth in the shop's on that day (default: today), None when unknown."""
    if currency == settings.SHOP_CURRENCY:
        return Decimal(1)
    known = ExchangeRate.objects.filter(currency=currency, starts_on__lte=day or timezone.localdate())
    rate: Decimal | None = known.order_by("-starts_on").values_list("rate", flat=True).first()
    return rate


def in_shop_currency(amount: int, currency: str, rate: Decimal) -> int:
    """Return minor units of ``currency`` as whole minor units of the shop's, rounded half up."""
    return to_minor(to_decimal(amount, currency) * rate, settings.SHOP_CURRENCY)


def exact_in_shop_currency(amount: int, currency: str, rate: Decimal) -> Decimal:
    """Return minor units of ``currency`` as minor units of the shop's, unrounded: what a single piece cost."""
    return (to_decimal(amount, currency) * rate).scaleb(minor_digits(settings.SHOP_CURRENCY))
