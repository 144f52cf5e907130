"""What each day is of an ordinary one, by channel and variant: holidays as learnt, promotions and seasons as given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import holidays
import numpy as np
from django.db.models import Sum
from numpy.typing import NDArray

from catalog.models import SalesChannel
from purchasing.models import DemandDay, DemandEvent
from purchasing.services.forecasting import holiday_factors


@dataclass(frozen=True, slots=True)
class Bend:
    """A promotion or season: ``share`` of an ordinary day on these days, on a channel or all, of variants or all."""

    first: date
    last: date
    share: float
    channel_id: int | None
    variant_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class DemandCalendar:
    """``holidays``: channel -> day -> share of an ordinary day; ``bends``: what people entered."""

    holidays: Mapping[int, Mapping[date, float]] = field(default_factory=dict)
    bends: Sequence[Bend] = ()

    def factors(self, *, variants: Sequence[int], channels: Sequence[int], days: Sequence[date]) -> NDArray[np.float64]:
        """Return (variants, channels, days) of shares; where several meet they are multiplied."""
        found = np.ones((len(variants), len(channels), len(days)))
        for place, channel in enumerate(channels):
            known = self.holidays.get(channel, {})
            found[:, place, :] *= np.array([known.get(day, 1.0) for day in days])
        for bend in self.bends:
            rows = [row for row, pk in enumerate(variants) if not bend.variant_ids or pk in bend.variant_ids]
            columns = [place for place, pk in enumerate(channels) if bend.channel_id in {None, pk}]
            when = [place for place, day in enumerate(days) if bend.first <= day <= bend.last]
            if rows and columns and when:
                found[np.ix_(rows, columns, when)] *= bend.share
        return found


def demand_calendar(*, start: date, today: date, until: date) -> DemandCalendar:
    """Return holidays as learnt from ``start`` to yesterday and what is entered, for the days before ``until``."""
    return DemandCalendar(_holidays(start, today, until), _bends(start, until))


def _bends(start: date, until: date) -> list[Bend]:
    rows = DemandEvent.objects.filter(ends_on__gte=start, starts_on__lt=until).order_by("pk")
    return [
        Bend(
            row.starts_on,
            row.ends_on,
            row.percent / 100,
            row.sales_channel_id,
            frozenset(variant.pk for variant in row.variants.all()),
        )
        for row in rows.prefetch_related("variants")
    ]


def _holidays(start: date, today: date, until: date) -> dict[int, dict[date, float]]:
    """Learn by country: what a day sells is told by all channels there."""
    countries: dict[str, list[int]] = {}
    for channel in SalesChannel.objects.order_by("pk"):
        countries.setdefault(channel.country, []).append(channel.pk)
    found: dict[int, dict[date, float]] = {}
    for country, channels in countries.items():
        names = holiday_names(country=country, start=start, until=until)
        totals = _totals(channels, start, today)
        places = {(day - start).days: name for day, name in names.items() if day < today}
        learnt = holiday_factors(totals, places)
        shares = {day: learnt[name] for day, name in names.items() if name in learnt}
        found |= dict.fromkeys(channels, shares)
    return found


def holiday_names(*, country: str, start: date, until: date, language: str | None = None) -> dict[date, str]:
    """Return the public holidays of a country by day, named alike in every year; of unknown countries none.

    Named in ``language`` (without one in English) where the country's names are known in it, else as the country says.
    """
    if country not in holidays.list_supported_countries():
        return {}
    years = range(start.year, until.year + 1)
    plain = holidays.country_holidays(country)
    named = [one for one in plain.supported_languages if one.partition("_")[0] == (language or "en")]
    known = holidays.country_holidays(country, years=years, language=named[0] if named else plain.default_language)
    return {day: name for day, name in sorted(known.items()) if start <= day < until}


def _totals(channels: Sequence[int], start: date, today: date) -> NDArray[np.float64]:
    totals = np.zeros(max((today - start).days, 0))
    rows = DemandDay.objects.filter(sales_channel__in=channels, day__gte=start, day__lt=today)
    for day, pieces in rows.values_list("day").annotate(sold=Sum("pieces")).order_by("day"):
        totals[(day - start).days] = pieces
    return totals
