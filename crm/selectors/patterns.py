"""What the latest finished night found of all customers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Subquery, Sum

from crm.models import (
    BasketPair,
    BuyerGroup,
    CategoryPair,
    CohortCell,
    CustomerPattern,
    GapCell,
    MigrationCell,
    PatternRun,
    Replenishment,
)
from crm.models.pattern import shifted_month

SHADES = 9  # of a heat map; 0 is empty
PAIRS_SHOWN = 10


def latest_run() -> PatternRun | None:
    """Return the run that people read, None before the first finished night."""
    return PatternRun.objects.exclude(finished_at=None).order_by("-day").first()


@dataclass(frozen=True, slots=True)
class GroupSize:
    """One group of buyers: its people, their share of all, and the mean number of purchases."""

    group: BuyerGroup
    count: int
    percent: Decimal
    purchases: Decimal


@dataclass(frozen=True, slots=True)
class Cell:
    """A number with its share in percent and its shade (0 to 9); ``known`` is False where time has not come yet."""

    count: int
    percent: Decimal
    shade: int
    known: bool = True


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One row of a heat map."""

    label: str
    total: int
    cells: Sequence[Cell]
    month: date | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """How all customers buy, in one row of numbers."""

    buyers: int
    again: int  # bought on at least two days
    regular: int  # at least three: those of whom an interval is known
    lapsed: int
    due: int  # expected within the next 30 days

    @property
    def again_percent(self) -> Decimal:
        """Share of the buyers who came back."""
        return percent(self.again, self.buyers)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two things bought together, and the three measures of how much that means."""

    name: str
    other: str
    together: int
    support: Decimal  # percent of all orders with both
    confidence: Decimal  # percent of those with the first that have the other
    lift: Decimal  # how many times more often than by chance


def percent(part: int, whole: int) -> Decimal:
    """Return a share in percent with one digit; of nothing it is 0."""
    return Decimal(100 * part / whole).quantize(Decimal("0.1")) if whole else Decimal(0)


def overview(run: PatternRun) -> Overview:
    """Return how many bought, came back, are regular, lapsed, and are expected soon."""
    found = run.customers.aggregate(
        again=Count("pk", filter=Q(day_count__gte=2)),
        regular=Count("pk", filter=Q(typical_gap__isnull=False)),
        lapsed=Count("pk", filter=Q(is_lapsed=True)),
        due=Count("pk", filter=Q(next_on__gte=run.day, next_on__lt=date.fromordinal(run.day.toordinal() + 30))),
    )
    return Overview(buyers=run.buyer_count, **found)


def group_sizes(run: PatternRun) -> list[GroupSize]:
    """Return the six groups with their sizes; empty when too few people bought for scores."""
    rows = run.customers.exclude(group="").order_by().values("group")
    found = {row["group"]: row for row in rows.annotate(count=Count("pk"), days=Sum("day_count"))}
    whole = sum(row["count"] for row in found.values())
    return [
        GroupSize(
            group,
            row["count"],
            percent(row["count"], whole),
            Decimal(row["days"] / row["count"]).quantize(Decimal("0.1")),
        )
        for group in BuyerGroup
        if (row := found.get(group))
    ]


def last_migration_months() -> list[date]:
    """Return the months of which migrations are known, the latest first."""
    return list(MigrationCell.objects.order_by("-month").values_list("month", flat=True).distinct()[:12])


def migration(month: date) -> list[HeatRow]:
    """Return from which group (rows) people went to which (columns, as BuyerGroup) within ``month``; shares by row."""
    counts: dict[tuple[str, str], int] = {
        (row.origin, row.goal): row.customer_count for row in MigrationCell.objects.filter(month=month)
    }
    rows = []
    for origin in ("", *BuyerGroup.values):
        total = sum(counts.get((origin, goal), 0) for goal in BuyerGroup.values)
        cells = [cell(counts.get((origin, goal), 0), total) for goal in BuyerGroup.values]
        if total:
            rows.append(HeatRow(str(BuyerGroup(origin).label) if origin else "", total, cells))
    return rows


def cohorts(run: PatternRun) -> list[HeatRow]:
    """Return for each month of first purchases who came back how many months later; the running month counts too."""
    counts: dict[date, dict[int, int]] = defaultdict(dict)
    for row in CohortCell.objects.filter(run=run):
        counts[row.cohort][row.months] = row.customer_count
    first = min(counts, default=None)
    if first is None:
        return []
    this = run.day.replace(day=1)
    width = _months_between(first, this)
    rows = []
    for cohort in sorted(counts):
        size, known = counts[cohort].get(0, 0), _months_between(cohort, this)
        cells = [cell(counts[cohort].get(step, 0), size, known=step <= known) for step in range(1, width + 1)]
        rows.append(HeatRow("", size, cells, cohort))
    return rows


def gaps(run: PatternRun) -> list[tuple[int, int]]:
    """Return (from how many days, how many purchases) for each week, weeks without any too."""
    found = dict(GapCell.objects.filter(run=run).values_list("from_days", "purchase_count"))
    return [(days, found.get(days, 0)) for days in range(0, 365, 7)] if found else []


def basket_pairs(run: PatternRun) -> list[Pair]:
    """Return the products that go together best, each pair once."""
    rows = BasketPair.objects.filter(run=run, product__lt=F("other")).select_related("product", "other")
    ranked = rows.order_by("-together", "product", "other")[:PAIRS_SHOWN]
    return [pair_of(row, run) for row in ranked]


def pair_of(row: BasketPair, run: PatternRun) -> Pair:
    """Return a pair with its measures."""
    return measured(
        (row.product.name, row.other.name), row.together, row.product_orders, row.other_orders, run.basket_count
    )


def category_pairs(run: PatternRun) -> list[Pair]:
    """Return the categories that share customers, each pair once; the measures count customers, not orders."""
    rows = CategoryPair.objects.filter(run=run, category__lt=F("other")).select_related("category", "other")
    found = list(rows.order_by("-together", "category", "other")[:PAIRS_SHOWN])
    return [
        measured(
            (row.category.name, row.other.name),
            row.together,
            row.category_customers,
            row.other_customers,
            run.buyer_count,
        )
        for row in found
    ]


def replenishments(run: PatternRun) -> list[Replenishment]:
    """Return what is bought again most, with its interval."""
    rows = Replenishment.objects.filter(run=run).select_related("product")
    return list(rows.order_by("-repeat_count", "product")[:PAIRS_SHOWN])


def measured(names: tuple[str, str], together: int, first: int, second: int, whole: int) -> Pair:
    """Return support, confidence and lift of two things that are in ``first`` and ``second`` of ``whole`` baskets."""
    lift = Decimal(together) * max(whole, 1) / (first * second) if first and second else Decimal(0)
    return Pair(*names, together, percent(together, whole), percent(together, first), lift.quantize(Decimal("0.01")))


def cell(count: int, total: int, *, known: bool = True) -> Cell:
    """Return a cell of a heat map; a share of everything has the darkest shade, half of it six of nine."""
    share = count / total if total else 0
    shade = max(1, round(SHADES * share**0.6)) if count else 0
    return Cell(count, percent(count, total), shade, known)


def latest_pattern(customer_id: int) -> "QuerySet[CustomerPattern]":
    """Return what the latest finished night knows of a customer: one row or none."""
    latest = PatternRun.objects.exclude(finished_at=None).order_by("-day").values("pk")[:1]
    return CustomerPattern.objects.filter(run=Subquery(latest), customer=customer_id)


def pattern_of(customer_id: int) -> CustomerPattern | None:
    """Return the same row; one statement."""
    return latest_pattern(customer_id).first()


def patterns_of(customer_ids: Sequence[int]) -> dict[int, CustomerPattern]:
    """Return what the latest finished night knows of those of the customers who ever bought; one statement."""
    latest = PatternRun.objects.exclude(finished_at=None).order_by("-day").values("pk")[:1]
    rows = CustomerPattern.objects.filter(run=Subquery(latest), customer__in=customer_ids)
    return {row.customer_id: row for row in rows}


def _months_between(first: date, last: date) -> int:
    step = 0
    while shifted_month(first, step) < last:
        step += 1
    return step
