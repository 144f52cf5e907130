"""What a fee rule would have taken of past lines, beside what was settled: so people see whether it is right."""

from dataclasses import dataclass, field

from django.db.models import Q

from accounting.models import FeeRule, LineProfit
from accounting.selectors.terms import fee_by
from catalog.models import Category

LINES = 500
SHOWN = 10


@dataclass
class FeePreview:
    """Sums over past lines in minor units, and the latest of them as (line, what the rule takes)."""

    lines: int = 0
    sold: int = 0
    taken: int = 0
    settled_lines: int = 0
    taken_of_settled: int = 0
    settled: int = 0
    latest: list[tuple[LineProfit, int]] = field(default_factory=list)


def preview_of(rule: FeeRule) -> FeePreview:
    """Return what the rule takes of the latest lines that it is about, whatever their day."""
    rows = LineProfit.objects.filter(sales_channel=rule.sales_channel_id, currency=rule.currency)
    if rule.product_id:
        rows = rows.filter(product=rule.product_id)
    elif rule.category_id:
        rows = rows.filter(_below(rule.category_id))
    found = FeePreview()
    for row in rows.select_related("order", "order_line").order_by("-day", "-pk")[:LINES]:
        fee = fee_by(rule, goods=row.sales + row.discount, shipping=row.charged)
        found.lines += 1
        found.sold += row.paid
        found.taken += fee
        if row.is_fee_settled:
            found.settled_lines += 1
            found.taken_of_settled += fee
            found.settled -= row.fee
        if len(found.latest) < SHOWN:
            found.latest.append((row, fee))
    return found


def _below(category_id: int) -> Q:
    """Return the condition of goods in the category or below it."""
    parents = dict(Category.objects.values_list("pk", "parent_id"))
    inside = {category_id}
    for pk in parents:
        way: list[int] = []
        at: int | None = pk
        while at is not None and at not in inside and at not in way:
            way.append(at)
            at = parents.get(at)
        if at in inside:
            inside.update(way)
    return Q(product__category__in=inside)
