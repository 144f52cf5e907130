"""Money is whole minor units with one currency; rounding, splitting and formatting happen only here."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from babel.numbers import format_currency, get_currency_precision
from django.db import models
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.errors import InvalidInput


class Currency(models.TextChoices):
    """Currencies a document may have (ISO 4217)."""

    KRW = "KRW", gettext_lazy("South Korean won")
    JPY = "JPY", gettext_lazy("Japanese yen")
    USD = "USD", gettext_lazy("US dollar")
    EUR = "EUR", gettext_lazy("Euro")
    GBP = "GBP", gettext_lazy("British pound")
    BRL = "BRL", gettext_lazy("Brazilian real")
    CNY = "CNY", gettext_lazy("Chinese yuan")
    TWD = "TWD", gettext_lazy("New Taiwan dollar")


def minor_digits(currency: str) -> int:
    """Return how many decimals the currency has: 0 for KRW and JPY, 2 for most."""
    return int(get_currency_precision(currency))


def to_minor(amount: Decimal, currency: str) -> int:
    """Round half up to whole minor units: 12.345 USD becomes 1235."""
    return int((amount.scaleb(minor_digits(currency))).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def whole_minor(amount: Decimal) -> int:
    """Round minor units that have decimals, such as averages, half up to whole ones."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_decimal(minor: int, currency: str) -> Decimal:
    """Return the amount in major units with the currency's decimals: 1235 USD becomes 12.35."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def parse_amount(text: str, currency: str) -> int:
    """Read a plain decimal ("1,234.50") as minor units; refuses NaN, exponents, more decimals than the currency has."""
    cleaned = text.strip().replace(",", "")
    is_plain = cleaned.isascii() and not any(c in "eEnNiI_" for c in cleaned)
    try:
        amount = Decimal(cleaned if is_plain else "")  # an empty text is no number either
    except InvalidOperation:
        raise InvalidInput(_("“%(text)s” is not an amount. Write digits such as 1234.50.") % {"text": text}) from None
    scaled = amount.scaleb(minor_digits(currency))
    if scaled != scaled.to_integral_value():
        raise InvalidInput(
            _("“%(text)s” has more decimals than %(currency)s knows.") % {"text": text, "currency": currency}
        )
    if abs(scaled) >= 10**15:
        raise InvalidInput(_("“%(text)s” is too large an amount.") % {"text": text})
    return int(scaled)


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split minor units by weight; the parts add up to ``total`` (largest remainder, ties to the earlier part)."""
    if not weights:
        raise ValueError("nothing to split over")
    whole = sum(weights)
    if whole == 0:
        return split(total, [1] * len(weights))
    sign, rest = (-1, -total) if total < 0 else (1, total)
    parts = [rest * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(rest * weights[i] % whole), i))
    for i in by_remainder[: rest - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]


def format_money(minor: int | None, currency: str, *, locale: str | None = None) -> str:
    """Return the amount as people of ``locale`` (default: the active language) read it, an empty text for None."""
    if minor is None:
        return ""
    return str(format_currency(to_decimal(minor, currency), currency, locale=locale or get_language() or "en"))


@dataclass(frozen=True, order=False)
class Money:
    """An amount of one currency; adding or comparing two currencies raises ValueError."""

    minor: int
    currency: str

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return other.minor

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __str__(self) -> str:
        return format_money(self.minor, self.currency)
