"""Which return rule holds for a line, and why not another one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Category
from compliance.models import Jurisdiction
from compliance.selectors import EU_MEMBERS
from compliance.selectors.reckoning import country_in, local_day
from orders.models import LineKind, Order, OrderLine
from orders.services.legal.deadlines import law_of
from returns.models import ReturnRule

PREVIEW_CAP = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAnswer:
    """The rule that holds for a line (None: only the law), what of it fits, and the rules that were passed over.

    ``passed`` are (rule, what does not fit); an empty reason: it fits as well, another one has the lower rank.
    """

    line: OrderLine
    rule: ReturnRule | None
    fits: Sequence[str]
    passed: Sequence[tuple[ReturnRule, str]]


def rules_for(*, order: Order, lines: Sequence[OrderLine]) -> dict[int, RuleAnswer]:
    """Return by line id which rule holds, as of the day of the order; three statements for any number of lines."""
    law = law_of(order)
    rules = _candidates(_day_of(order, law))
    trees = _trees() if any(rule.category_id for rule in rules) else {}
    return {line.pk: _answer(line, order, law, rules, trees) for line in lines}


def _day_of(order: Order, law: str) -> date:
    return local_day(order.placed_at, country_in(law, order.country)) if law else order.placed_at.date()


def _candidates(day: date) -> list[ReturnRule]:
    rows = ReturnRule.objects.in_force(day).select_related("product", "category", "product_type", "sales_channel")
    return list(rows)


def _trees() -> dict[int, int | None]:
    return dict(Category.objects.values_list("pk", "parent_id"))


def _answer(
    line: OrderLine, order: Order, law: str, rules: Sequence[ReturnRule], trees: dict[int, int | None]
) -> RuleAnswer:
    chosen: ReturnRule | None = None
    passed: list[tuple[ReturnRule, str]] = []
    for rule in rules:
        lacking = next((said for fits, said in _tests(rule, line, order, law, trees) if not fits), "")
        if chosen is None and not lacking:
            chosen = rule
        else:
            passed.append((rule, lacking))
    fits = [said for _fits, said in _tests(chosen, line, order, law, trees)] if chosen else []
    return RuleAnswer(line=line, rule=chosen, fits=fits, passed=passed)


def _tests(
    rule: ReturnRule, line: OrderLine, order: Order, law: str, trees: dict[int, int | None]
) -> Iterator[tuple[bool, str]]:
    """Yield for each condition of the rule whether it fits, and the condition in words."""
    product = line.variant.product if line.variant else None
    if rule.product_id:
        fits = product is not None and product.pk == rule.product_id
        yield fits, _("product %(name)s") % {"name": rule.product}
    if rule.category_id:
        place = product.category_id if product else None
        yield rule.category_id in _above(place, trees), _("category %(name)s") % {"name": rule.category}
    if rule.product_type_id:
        kind = product.product_type_id if product else None
        yield kind == rule.product_type_id, _("product type %(name)s") % {"name": rule.product_type}
    if rule.sales_channel_id:
        yield order.sales_channel_id == rule.sales_channel_id, _("channel %(name)s") % {"name": rule.sales_channel}
    if rule.jurisdiction:
        yield law == rule.jurisdiction, _("law of %(place)s") % {"place": Jurisdiction(rule.jurisdiction).label}


def _above(category_id: int | None, trees: dict[int, int | None]) -> set[int]:
    found: set[int] = set()
    while category_id is not None and category_id not in found:
        found.add(category_id)
        category_id = trees.get(category_id)
    return found


@dataclass(frozen=True, slots=True)
class RulePreview:
    """Orders of the last ``days`` days that a rule would have fitted, and those of them of which something came back.

    One more than ``PREVIEW_CAP`` means more than that.
    """

    days: int
    orders: int
    came_back: int


def preview_return_rule(*, rule: ReturnRule, days: int = 90) -> RulePreview:
    """Tell which shipped orders of the last days the conditions of a rule fit, whatever its rank; two statements."""
    lines = _fitted_lines(rule)
    orders = Order.objects.filter(
        Exists(lines.filter(order=OuterRef("pk"))), placed_at__gte=timezone.now() - timedelta(days=days)
    )
    if rule.sales_channel_id:
        orders = orders.filter(sales_channel=rule.sales_channel_id)
    back = orders.filter(Exists(lines.filter(order=OuterRef("pk"), returned_count__gt=0)))
    return RulePreview(days=days, orders=_capped(orders), came_back=_capped(back))


def _capped(orders: "QuerySet[Order]") -> int:
    return orders.order_by()[: PREVIEW_CAP + 1].count()


def _fitted_lines(rule: ReturnRule) -> "QuerySet[OrderLine]":
    """Return the shipped goods that the conditions of a rule fit, but for the channel and the days."""
    lines = OrderLine.objects.filter(kind=LineKind.PRODUCT, shipped_count__gt=0)
    if rule.product_id:
        lines = lines.filter(variant__product=rule.product_id)
    if rule.category_id:
        trees = _trees()
        below = [pk for pk in trees if rule.category_id in _above(pk, trees)]
        lines = lines.filter(variant__product__category__in=below)
    if rule.product_type_id:
        lines = lines.filter(variant__product__product_type=rule.product_type_id)
    if rule.jurisdiction:
        countries = EU_MEMBERS if rule.jurisdiction == Jurisdiction.EU else {rule.jurisdiction}
        by_country = Q(order__jurisdiction="", order__country__in=countries)
        lines = lines.filter(Q(order__jurisdiction=rule.jurisdiction) | by_country)
    return lines
