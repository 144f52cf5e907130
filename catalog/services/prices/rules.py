"""Changing many prices by one rule: what it means for each price, without writing anything."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, Self

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from catalog.models import Category, Price, SalesChannel, Variant
from catalog.selectors.margins import is_below_floor, known_margin
from core.errors import DomainError, InvalidInput
from core.money import minor_digits


class Choice(StrEnum):
    """Which products are meant."""

    PRODUCTS = "products"
    CATEGORY = "category"
    BRAND = "brand"
    TAG = "tag"
    COLLECTION = "collection"
    ALL = "all"


class Kind(StrEnum):
    """What happens to a price."""

    PERCENT = "percent"
    AMOUNT = "amount"
    MARGIN = "margin"
    COPY = "copy"


class Rounding(StrEnum):
    """To which amounts a price is rounded; numbers are major units (yen, won, dollars)."""

    NONE = "none"
    TO_1 = "to_1"
    TO_10 = "to_10"
    TO_100 = "to_100"
    TO_1000 = "to_1000"
    END_9 = "end_9"
    END_90 = "end_90"
    END_900 = "end_900"
    END_99 = "end_99"  # cents: .99; without cents: …99


_STEPS: Mapping[Rounding, tuple[int, int]] = {
    Rounding.TO_1: (1, 0),
    Rounding.TO_10: (10, 0),
    Rounding.TO_100: (100, 0),
    Rounding.TO_1000: (1000, 0),
    Rounding.END_9: (10, 9),
    Rounding.END_90: (100, 90),
    Rounding.END_900: (1000, 900),
}


@dataclass(frozen=True, kw_only=True)
class PriceRule:
    """Who wants what for which products; all of it is JSON (``as_data``).

    ``value``: per cent (percent, margin), major units (amount) or a rate (copy), as a plain decimal. ``chosen``: ids of
    products, a category, a collection, or the words of a brand or tag.
    """

    choice: Choice
    chosen: Sequence[int | str] = ()
    channel_ids: Sequence[int] = ()
    kind: Kind
    value: str = "0"
    source_channel_id: int | None = None
    rounding: Rounding = Rounding.NONE
    show_before: bool = False  # the price now becomes the price before
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    reason: str = ""

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON keeps it."""
        data = asdict(self)
        for name in ("starts_at", "ends_at"):
            data[name] = data[name].isoformat() if data[name] else None
        return {**data, "chosen": list(self.chosen), "channel_ids": list(self.channel_ids)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``as_data`` wrote."""
        read = dict(data)
        for name in ("starts_at", "ends_at"):
            read[name] = parse_datetime(read[name]) if read.get(name) else None
        kinds = {"choice": Choice(read["choice"]), "kind": Kind(read["kind"]), "rounding": Rounding(read["rounding"])}
        return cls(**{**read, **kinds})


@dataclass(frozen=True, kw_only=True)
class RuledPrice:
    """What a rule makes of one price. ``problem``: why it cannot be, then ``amount`` is None."""

    variant: Variant
    channel: SalesChannel
    before: int | None
    amount: int | None = None
    compare_at: int | None = None
    cost: int | None = None
    problem: str = ""

    @property
    def difference(self) -> int | None:
        """Return by how much it changes."""
        return None if self.amount is None or self.before is None else self.amount - self.before

    @property
    def margin(self) -> int | None:
        """Return the margin afterwards."""
        return None if self.amount is None else known_margin(self.amount, self.cost)

    @property
    def is_low(self) -> bool:
        """Tell whether it will wait for a second person."""
        return (
            self.amount is not None
            and self.amount != self.before
            and is_below_floor(self.amount, self.cost, self.channel.margin_floor)
        )

    @property
    def is_unchanged(self) -> bool:
        """Tell whether nothing happens."""
        return self.amount is not None and self.amount == self.before and self.compare_at is None


def round_price(amount: int, rounding: Rounding, currency: str) -> int:
    """Return the nearest amount (half up) that the rounding allows, at least the smallest one; minor units."""
    if rounding == Rounding.NONE:
        return amount
    unit = 10 ** minor_digits(currency)
    if rounding == Rounding.END_99:
        step, ending = (100, 99)
    else:
        step, ending = (part * unit for part in _STEPS[rounding])
    nearest: int = (2 * (amount - ending) + step) // (2 * step) * step + ending
    return nearest if nearest > 0 else (ending or step)


def variants_of(rule: PriceRule) -> "QuerySet[Variant]":
    """Return the active variants that a rule is about, by SKU."""
    rows = Variant.objects.filter(is_active=True).order_by("sku")
    chosen = list(rule.chosen)
    if rule.choice == Choice.ALL:
        return rows
    conditions = {
        Choice.PRODUCTS: lambda: Q(product__in=chosen),
        Choice.CATEGORY: lambda: Q(product__category__in=_with_subcategories(chosen)),
        Choice.BRAND: lambda: Q(product__brand__in=chosen),
        Choice.TAG: lambda: Q(product__tags__overlap=chosen),
        Choice.COLLECTION: lambda: Q(product__memberships__collection__in=chosen),
    }
    return rows.filter(conditions[rule.choice]())


def _with_subcategories(chosen: Collection[Any]) -> set[int]:
    children: dict[int | None, list[int]] = {}
    for pk, parent in Category.objects.values_list("pk", "parent_id"):
        children.setdefault(parent, []).append(pk)
    found: set[int] = set()
    waiting = [int(pk) for pk in chosen]
    while waiting:
        pk = waiting.pop()
        if pk not in found:
            found.add(pk)
            waiting += children.get(pk, [])
    return found


def apply_rule(rule: PriceRule, variants: Sequence[Variant], channels: Sequence[SalesChannel]) -> list[RuledPrice]:
    """Return what the rule makes of each variant on each channel (two statements); nothing is written.

    It starts from the price that holds when the new one begins. A variant without a price there is left out, except
    when it is copied from another channel.
    """
    at = rule.starts_at or timezone.now()
    prices = _held(variants, [channel.pk for channel in channels], at)
    sources = _held(variants, [rule.source_channel_id], at) if rule.source_channel_id else {}
    found = []
    for variant in variants:
        for channel in channels:
            held = prices.get((variant.pk, channel.pk))
            source = sources.get((variant.pk, rule.source_channel_id or 0))
            if held is not None or (rule.kind == Kind.COPY and source is not None):
                found.append(_ruled(rule, variant, channel, held, source))
    return found


def _held(
    variants: Sequence[Variant], channel_ids: Collection[int | None], at: datetime
) -> dict[tuple[int, int], Price]:
    rows = Price.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=at),
        variant__in=[variant.pk for variant in variants],
        sales_channel__in=channel_ids,
        starts_at__lte=at,
    ).select_related("sales_channel")
    return {(row.variant_id, row.sales_channel_id): row for row in rows}


def _ruled(
    rule: PriceRule, variant: Variant, channel: SalesChannel, held: Price | None, source: Price | None
) -> RuledPrice:
    before = held.amount if held else None
    cost = held.cost if held else None
    try:
        exact = _exact(rule, channel, held, source)
    except DomainError as error:
        return RuledPrice(variant=variant, channel=channel, before=before, cost=cost, problem=str(error))
    amount = round_price(exact, rule.rounding, channel.currency)
    compare_at = before if rule.show_before and before is not None and before > amount else None
    problem = ""
    if amount < 0:
        problem = _("A price cannot be negative.")
    elif rule.show_before and compare_at is None:
        problem = _("It does not become cheaper, so there is no price before to show.")
    if problem:
        return RuledPrice(variant=variant, channel=channel, before=before, cost=cost, problem=problem)
    return RuledPrice(variant=variant, channel=channel, before=before, amount=amount, compare_at=compare_at, cost=cost)


def _exact(rule: PriceRule, channel: SalesChannel, held: Price | None, source: Price | None) -> int:
    value = Decimal(rule.value)
    unit = Decimal(10) ** minor_digits(channel.currency)
    if rule.kind == Kind.COPY:
        if source is None:
            raise InvalidInput(_("The other channel has no price for it."))
        major = Decimal(source.amount) / Decimal(10) ** minor_digits(source.currency)
        return _whole(major * value * unit)
    if held is None:
        raise InvalidInput(_("There is no price yet: write an amount."))
    if rule.kind == Kind.PERCENT:
        return _whole(Decimal(held.amount) * (100 + value) / 100)
    if rule.kind == Kind.AMOUNT:
        return held.amount + _whole(value * unit)
    if held.cost is None:
        raise InvalidInput(_("Its cost is not known."))
    return _whole(Decimal(held.cost) * 100 / (100 - value))


def _whole(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
