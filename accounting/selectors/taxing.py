"""What is taxed at which rate, and how much tax is in an amount; prices are with tax."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.models import GoodsTax, Rounding, Seller, TaxClass, TaxRate
from catalog.models import Category
from compliance.selectors import EU_MEMBERS
from core.errors import InvalidInput
from core.money import split
from orders.models import LineKind

# there carriage shares the rate of the goods it belongs to (an ancillary supply); elsewhere it is at the standard rate
CARRIAGE_FOLLOWS_GOODS = EU_MEMBERS | {"GB"}
UNTAXED = (TaxClass.ZERO, TaxClass.EXEMPT)


@dataclass(frozen=True, slots=True)
class Rate:
    """A class of tax with its percent."""

    tax_class: str
    percent: Decimal


EXPORT = Rate(TaxClass.ZERO, Decimal(0))


@dataclass(frozen=True, slots=True)
class Goods:
    """By what goods are classed."""

    product_id: int | None = None
    category_id: int | None = None
    type_id: int | None = None


def tax_within(gross: int, percent: Decimal, rounding: str) -> int:
    """Return the tax in an amount with tax, rounded once to whole minor units, for negative amounts alike."""
    thousandths = int(percent * 1000)
    whole, rest = divmod(abs(gross) * thousandths, 100_000 + thousandths)
    if rest and (rounding == Rounding.UP or (rounding == Rounding.HALF_UP and rest * 2 >= 100_000 + thousandths)):
        whole += 1
    return whole if gross >= 0 else -whole


def taxing_country(seller: Seller, arrives_in: str) -> str:
    """Return the country whose rates hold for goods of ``seller`` to a country; an empty text for an export."""
    if not arrives_in or arrives_in == seller.country:
        return seller.country
    if seller.country in EU_MEMBERS and arrives_in in EU_MEMBERS:
        return arrives_in if seller.taxes_at_destination else seller.country
    return ""


class TaxTable:
    """Rates and classes of some countries, read once for a whole batch."""

    def __init__(self, countries: Collection[str]) -> None:
        self._rates: dict[tuple[str, str], list[tuple[date, Decimal]]] = defaultdict(list)
        rows = TaxRate.objects.filter(country__in=countries).order_by("-starts_on")
        for country, tax_class, starts_on, percent in rows.values_list("country", "tax_class", "starts_on", "percent"):
            self._rates[country, tax_class].append((starts_on, percent))
        self._classes: dict[tuple[str, str, int], list[tuple[date, str]]] = defaultdict(list)
        for row in GoodsTax.objects.filter(country__in=countries).order_by("-starts_on"):
            for part in ("product", "category", "product_type"):
                if target := getattr(row, f"{part}_id"):
                    self._classes[row.country, part, target].append((row.starts_on, row.tax_class))
        by_category = any(part == "category" for _country, part, _target in self._classes)
        self._parents: dict[int, int | None] = (
            dict(Category.objects.values_list("pk", "parent_id")) if by_category else {}
        )

    def rate(self, country: str, goods: Goods, day: date) -> Rate:
        """Return the rate of these goods on that day; InvalidInput where nobody has written one."""
        if not country:
            return EXPORT
        return self._rate_of_class(country, self._class_of(country, goods, day), day)

    def standard(self, country: str, day: date) -> Rate:
        """Return the rate of what has no class of its own, such as carriage."""
        return self.rate(country, Goods(), day)

    def _rate_of_class(self, country: str, tax_class: str, day: date) -> Rate:
        if tax_class in UNTAXED:
            return Rate(tax_class, Decimal(0))
        for starts_on, percent in self._rates[country, tax_class]:
            if starts_on <= day:
                return Rate(tax_class, percent)
        raise InvalidInput(
            _("No tax rate is written for %(country)s (%(tax_class)s). Add it under “Tax rates” first.")
            % {"country": country, "tax_class": TaxClass(tax_class).label}
        )

    def _class_of(self, country: str, goods: Goods, day: date) -> str:
        for part, target in self._targets(goods):
            for starts_on, tax_class in self._classes.get((country, part, target), ()):
                if starts_on <= day:
                    return tax_class
        return TaxClass.STANDARD.value

    def _targets(self, goods: Goods) -> list[tuple[str, int]]:
        found = [("product", goods.product_id)] if goods.product_id else []
        category = goods.category_id
        while category is not None:
            found.append(("category", category))
            category = self._parents.get(category)
        return [*found, *([("product_type", goods.type_id)] if goods.type_id else [])]


@dataclass(frozen=True, slots=True)
class RateSum:
    """What a paper says of one rate, in minor units."""

    rate: Rate
    gross: int
    net: int
    tax: int


def share_by_rate(lines: Sequence[tuple[str, int, Rate]], standard: Rate, *, follows_goods: bool) -> dict[Rate, int]:
    """Return the amounts with tax by rate of (kind, total, rate) lines; together they are the total of all lines.

    Goods have their own rate. Carriage, fees and gifts are at the standard rate, or follow the goods; discounts are
    taken from every rate by its share, the parts by largest remainder.
    """
    by_rate: dict[Rate, int] = defaultdict(int)
    for kind, total, rate in lines:
        if kind == LineKind.PRODUCT and total >= 0:
            by_rate[rate] += total
    carriage = sum(total for kind, total, _rate in lines if kind not in (LineKind.PRODUCT, LineKind.DISCOUNT))
    if follows_goods and carriage:
        _spread(by_rate, carriage, standard)
    elif carriage:
        by_rate[standard] += carriage
    less = sum(
        total for kind, total, _r in lines if kind == LineKind.DISCOUNT or (kind == LineKind.PRODUCT and total < 0)
    )
    if less:
        _spread(by_rate, less, standard)
    return dict(by_rate)


def _spread(by_rate: dict[Rate, int], amount: int, standard: Rate) -> None:
    """Add an amount to the rates by what they have; to the standard rate where there is nothing."""
    rates = [rate for rate in by_rate if by_rate[rate] > 0]
    if not rates:
        by_rate[standard] += amount
        return
    for rate, part in zip(rates, split(amount, [by_rate[rate] for rate in rates]), strict=True):
        by_rate[rate] += part


def sums_by_rate(by_rate: Mapping[Rate, int], rounding: str) -> list[RateSum]:
    """Return net and tax of each rate, the highest first, the tax rounded once for each."""
    found = []
    for rate in sorted(by_rate, key=lambda one: (-one.percent, one.tax_class)):
        gross = by_rate[rate]
        tax = tax_within(gross, rate.percent, rounding)
        found.append(RateSum(rate, gross, gross - tax, tax))
    return found
