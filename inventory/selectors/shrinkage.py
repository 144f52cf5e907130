"""How well the books are kept, and what was lost: from posted stocktakes and adjustments, by month."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from inventory.costing import unit_costs
from inventory.models import EntryKind, LineState, StockMovement, StocktakeLine, StocktakeState, Warehouse


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Counted lines, and those without a difference; a line is a stock item in one place."""

    lines: int
    right: int

    @property
    def percent(self) -> float | None:
        """How many of a hundred lines were right, to one digit; None where nothing was counted."""
        return round(100 * self.right / self.lines, 1) if self.lines else None


@dataclass(slots=True)
class Loss:
    """Pieces lost and found, and their value (minor units by currency) where the cost is known."""

    lost: int = 0
    found: int = 0
    values: Counter[str] = field(default_factory=Counter)  # net: lost is negative

    def add(self, pieces: int, unit_cost: int | None, currency: str) -> None:
        """Add one difference."""
        if pieces < 0:
            self.lost -= pieces
        else:
            self.found += pieces
        if unit_cost is not None and currency:
            self.values[currency] += pieces * unit_cost

    @property
    def net(self) -> int:
        """Pieces more (or less) than the books said."""
        return self.found - self.lost


@dataclass(frozen=True, slots=True)
class CountFigures:
    """Accuracy and losses of a period; the keys of reasons are ("count" | "adjustment", code)."""

    total: Accuracy
    months: list[tuple[date, Accuracy]]
    classes: list[tuple[str, Accuracy]]
    zones: list[tuple[str, Accuracy]]
    losses: Loss
    by_reason: list[tuple[tuple[str, str], Loss]]
    by_month: list[tuple[date, Loss]]


def count_figures(*, since: datetime, warehouse_id: int | None = None) -> CountFigures:
    """Return the figures of what was posted since a moment, of one warehouse or all."""
    lines = StocktakeLine.objects.filter(
        stocktake__state__in=[StocktakeState.POSTED, StocktakeState.APPROVED], stocktake__approved_at__gte=since,
        counted__isnull=False,
    ).exclude(state=LineState.SKIPPED)  # fmt: skip
    moves = StockMovement.objects.filter(entry__kind=EntryKind.ADJUSTMENT, at__gte=since)
    if warehouse_id is not None:
        lines = lines.filter(stocktake__warehouse=warehouse_id)
        moves = moves.filter(stock_item__warehouse=warehouse_id)
    posted = lines.filter(stocktake__state=StocktakeState.POSTED)
    months = _accuracy(posted.annotate(key=TruncMonth("stocktake__posted_at")))
    reasons: dict[tuple[str, str], Loss] = defaultdict(Loss)
    by_month: dict[date, Loss] = defaultdict(Loss)
    whole = Loss()
    for month, key, pieces, unit_cost, currency in [*_differences(lines), *_adjustments(moves)]:
        for loss in (whole, reasons[key], by_month[month]):
            loss.add(pieces, unit_cost, currency)
    return CountFigures(
        total=Accuracy(sum(row.lines for _m, row in months), sum(row.right for _m, row in months)),
        months=[(month.date() if isinstance(month, datetime) else month, row) for month, row in months],
        classes=_accuracy(posted.annotate(key=F("abc"))),
        zones=_accuracy(posted.filter(bin__isnull=False).exclude(bin__zone="").annotate(key=F("bin__zone"))),
        losses=whole,
        by_reason=sorted(reasons.items(), key=lambda row: (-row[1].lost, row[0])),
        by_month=sorted(by_month.items()),
    )


def _accuracy(lines: "QuerySet[Any]") -> list[tuple[Any, Accuracy]]:
    rows = (
        lines.order_by().values("key").annotate(lines=Count("pk"), right=Count("pk", filter=Q(counted=F("expected"))))
    )
    return sorted((row["key"], Accuracy(row["lines"], row["right"])) for row in rows)


Difference = tuple[date, tuple[str, str], int, int | None, str]


def _differences(lines: "QuerySet[StocktakeLine]") -> Iterable[Difference]:
    posted = lines.filter(entry__isnull=False).annotate(month=TruncMonth("entry__created_at"))
    for row in posted.values_list("month", "reason", "counted", "expected", "unit_cost", "currency"):
        month, reason, counted, expected, unit_cost, currency = row
        yield month.date(), ("count", reason), (counted or 0) - (expected or 0), unit_cost, currency


def _adjustments(moves: "QuerySet[StockMovement]") -> Iterable[Difference]:
    """Adjustments are valued at what pieces cost now: their entries keep no cost."""
    rows = list(
        moves.annotate(month=TruncMonth("at"))
        .values_list("month", "entry__reason_code", "stock_item__variant_id", "stock_item__warehouse_id")
        .annotate(pieces=Sum("on_hand_change"))
        .order_by()
    )
    by_place: dict[int, set[int]] = defaultdict(set)
    for _month, _code, variant_id, place, _pieces in rows:
        by_place[place].add(variant_id)
    countries = dict(Warehouse.objects.filter(pk__in=by_place).values_list("pk", "country"))
    costs = {
        place: unit_costs(variant_ids=variants, warehouse_id=place, country=countries[place])
        for place, variants in by_place.items()
    }
    for month, code, variant_id, place, pieces in rows:
        cost = costs[place].get(variant_id)
        key = ("adjustment", code)
        yield month.date(), key, pieces, cost.amount if cost else None, cost.currency if cost else ""
