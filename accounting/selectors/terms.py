"""What channels take and bear on a day: read once for a whole batch, then asked line by line."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from accounting.models import ChannelTerms, FeeRule
from accounting.selectors.taxing import Goods
from catalog.models import Category

BASE = 10_000  # basis points of the whole


def part_of(amount: int, basis_points: int) -> int:
    """Return so many basis points of minor units, rounded half up; of a negative amount the same below zero."""
    whole, rest = divmod(abs(amount) * basis_points, BASE)
    rounded = whole + (rest * 2 >= BASE)
    return rounded if amount >= 0 else -rounded


def fee_by(rule: FeeRule, *, goods: int, shipping: int) -> int:
    """Return what one rule takes of a line that was sold for ``goods`` with ``shipping`` on top; nothing of nothing."""
    base = goods + (shipping if rule.is_of_shipping else 0)
    if base <= 0:
        return 0
    return max(part_of(base, rule.basis_points) + rule.fixed, rule.minimum)


class FeeTable:
    """The fee rules of some channels."""

    def __init__(self, channel_ids: Collection[int]) -> None:
        self._rules: dict[int, list[FeeRule]] = defaultdict(list)
        for rule in FeeRule.objects.filter(sales_channel__in=set(channel_ids)).order_by("-starts_on", "-pk"):
            self._rules[rule.sales_channel_id].append(rule)
        by_category = any(rule.category_id for rules in self._rules.values() for rule in rules)
        self._parents: Mapping[int, int | None] = (
            dict(Category.objects.values_list("pk", "parent_id")) if by_category else {}
        )

    def rules_of(self, channel_id: int, goods: Goods, day: date, currency: str) -> list[FeeRule]:
        """Return the rule of each kind that counts for these goods on that day, the nearest and then the newest."""
        found: dict[str, tuple[int, FeeRule]] = {}
        for rule in self._rules.get(channel_id, ()):
            far = self._distance(rule, goods)
            if far is None or rule.currency != currency or not _holds(rule, day):
                continue
            if rule.kind not in found or far < found[rule.kind][0]:
                found[rule.kind] = (far, rule)
        return [rule for _far, rule in found.values()]

    def fee(self, channel_id: int, goods: Goods, day: date, currency: str, *, sold: int, shipping: int) -> int | None:
        """Return what the channel is expected to take of a line, None where nobody has written a rule."""
        rules = self.rules_of(channel_id, goods, day, currency)
        return sum(fee_by(rule, goods=sold, shipping=shipping) for rule in rules) if rules else None

    def _distance(self, rule: FeeRule, goods: Goods) -> int | None:
        """Return how far the rule is from the goods, None when it is not about them."""
        if rule.product_id:
            return 0 if rule.product_id == goods.product_id else None
        if not rule.category_id:
            return 1_000
        category, far = goods.category_id, 1
        while category is not None:
            if category == rule.category_id:
                return far
            category, far = self._parents.get(category), far + 1
        return None


def _holds(rule: FeeRule, day: date) -> bool:
    return rule.starts_on <= day and (rule.ends_on is None or day <= rule.ends_on)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a channel settles on a day."""

    discount_share: int = 0
    settles_after_days: int = 14
    tolerance: int = 0
    packaging: int = 0


class TermsTable:
    """The terms of some channels."""

    def __init__(self, channel_ids: Collection[int]) -> None:
        self._rows: dict[int, list[tuple[date, Terms]]] = defaultdict(list)
        rows = ChannelTerms.objects.filter(sales_channel__in=set(channel_ids)).order_by("-starts_on")
        for row in rows:
            terms = Terms(row.discount_share, row.settles_after_days, row.tolerance, row.packaging)
            self._rows[row.sales_channel_id].append((row.starts_on, terms))

    def of(self, channel_id: int, day: date) -> Terms:
        """Return the terms of the channel on that day; those of a channel about which nobody has written any."""
        for starts_on, terms in self._rows.get(channel_id, ()):
            if starts_on <= day:
                return terms
        return Terms()
