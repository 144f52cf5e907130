"""Forecasts as screens show them: history and what is expected of one variant, and how well methods do on all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import get_language

from catalog.models import SalesChannel
from purchasing.models import DemandDay, DemandEvent, Forecast, ForecastMethod, StockoutDay
from purchasing.services.demand.calendar import holiday_names
from purchasing.services.forecasting import ENOUGH_WEEKS

HISTORY_WEEKS = 52
EVENTS_AHEAD = 91


@dataclass(frozen=True, slots=True)
class PastWeek:
    """Pieces of the week that begins on ``day``; ``days_out`` of its days there was nothing to buy."""

    day: date
    pieces: int
    days_out: int


@dataclass(frozen=True, slots=True)
class VariantOutlook:
    """What is known and expected of one variant; ``whole`` is None when it has not sold in three years."""

    whole: Forecast | None
    channels: Sequence[Forecast]
    weeks: Sequence[PastWeek]  # oldest first, from the first sale on
    events: Sequence[DemandEvent]  # of the shown weeks and those ahead, oldest first
    holidays: Sequence[tuple[date, str]]  # ahead, where a channel sells to: what they do is learnt, not entered

    @property
    def sold_weeks(self) -> int:
        """Return in how many of the shown weeks it sold."""
        return sum(week.pieces > 0 for week in self.weeks)

    @property
    def missing_weeks(self) -> int:
        """Return how many more weeks with sales a forecast needs."""
        return max(ENOUGH_WEEKS - self.sold_weeks, 0)


@dataclass(frozen=True, slots=True)
class ForecastFigures:
    """How the forecasts of all channels stand: by method, and how many beat “as last season” in the back-test."""

    made: int
    missing: int
    better: int
    methods: Sequence[tuple[str, int]]


def variant_outlook(*, variant_id: int) -> VariantOutlook:
    """Return the forecasts of a variant with its last year by weeks, which end where the forecast begins."""
    rows = list(
        Forecast.objects.filter(variant=variant_id).select_related("sales_channel").order_by("sales_channel__name")
    )
    whole = next((row for row in rows if row.sales_channel_id is None), None)
    until = whole.starts_on if whole else timezone.localdate(timezone=timezone.get_default_timezone())
    last = until + timedelta(days=EVENTS_AHEAD)
    events = DemandEvent.objects.filter(
        Q(variants=variant_id) | Q(variants=None),
        ends_on__gte=until - timedelta(days=7 * HISTORY_WEEKS),
        starts_on__lt=last,
    )
    return VariantOutlook(
        whole,
        [row for row in rows if row.sales_channel_id is not None],
        _weeks(variant_id, until),
        list(events.select_related("sales_channel").order_by("starts_on").distinct()),
        _holidays(until, last),
    )


def _holidays(start: date, until: date) -> list[tuple[date, str]]:
    """Return (day, names) of public holidays where active channels sell, in the reader's language where it is known."""
    found: dict[date, list[str]] = {}
    countries = SalesChannel.objects.filter(is_active=True).order_by("country").values_list("country", flat=True)
    for country in dict.fromkeys(countries):
        for day, name in holiday_names(country=country, start=start, until=until, language=get_language()).items():
            found.setdefault(day, []).append(f"{name} ({country})")
    return [(day, ", ".join(names)) for day, names in sorted(found.items())]


def _weeks(variant_id: int, until: date) -> list[PastWeek]:
    start = until - timedelta(days=7 * HISTORY_WEEKS)
    within = {"variant": variant_id, "day__gte": start, "day__lt": until}
    pieces: Counter[int] = Counter()
    for day, sold in DemandDay.objects.filter(**within).values_list("day").annotate(sold=Sum("pieces")):
        pieces[(day - start).days // 7] += sold
    out = Counter((day - start).days // 7 for day in StockoutDay.objects.filter(**within).values_list("day", flat=True))
    if not pieces:
        return []
    return [
        PastWeek(start + timedelta(days=7 * week), pieces[week], out[week])
        for week in range(min(pieces), HISTORY_WEEKS)
    ]


def forecast_figures() -> ForecastFigures:
    """Return the figures of the forecasts of all channels."""
    counts: Counter[str] = Counter()
    better = 0
    rows = Forecast.objects.filter(sales_channel=None).values_list("method", "error", "errors__naive__weekly")
    for method, error, naive in rows.iterator():
        counts[method] += 1
        better += error is not None and float(error) < naive
    missing = counts.pop(ForecastMethod.NONE, 0)
    methods = [(str(ForecastMethod(method).label), count) for method, count in counts.most_common()]
    return ForecastFigures(counts.total(), missing, better, methods)


def naive_error(row: Forecast) -> dict[str, float]:
    """Return what “as last season” was off by: weekly and sum (MASE), pieces a week."""
    found: dict[str, float] = row.errors["naive"]
    return found


def pieces_off(row: Forecast) -> tuple[Decimal, Decimal]:
    """Return by how many pieces a week the forecast, and “as last season”, was off on average."""
    return (Decimal(str(row.errors[row.method]["pieces"])), Decimal(str(naive_error(row)["pieces"])))


@dataclass(frozen=True, slots=True)
class MethodRow:
    """What one method was off by in the back-test: MASE of weeks and of sums, and pieces a week."""

    name: str
    weekly: float
    whole: float
    pieces: float
    is_chosen: bool


def methods_of(row: Forecast) -> list[MethodRow]:
    """Return how every method did on this variant, the smallest error first."""
    rows = [
        MethodRow(str(ForecastMethod(name).label), found["weekly"], found["sum"], found["pieces"], name == row.method)
        for name, found in row.errors.items()
    ]
    return sorted(rows, key=lambda one: (one.weekly + one.whole, one.name))
