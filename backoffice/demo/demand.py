"""When and where people order: growth, seasons, weekdays, hours, campaigns."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from backoffice.demo.vocabulary import load


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody orders on a channel at a moment; ``discount`` is the running campaign's, in per cent."""

    channel: str
    at: datetime
    discount: int


def plan_visits(*, rng: random.Random, count: int, start: datetime, now: datetime) -> list[Visit]:
    """Return ``count`` visits between ``start`` and ``now``, in order of time."""
    channels = load("shop")["channel"]
    days = [start.date() + timedelta(days=n) for n in range((now.date() - start.date()).days + 1)]
    cells = [(channel, day) for day in days for channel in channels]
    weights = [_weight(channel, day, days[0], now) for channel, day in cells]
    chosen = rng.choices(cells, cum_weights=list(accumulate(weights)), k=count)
    visits = [_visit(rng, channel, day, start, now) for channel, day in chosen]
    return sorted(visits, key=lambda visit: (visit.at, visit.channel))


def season_factor(season: str, month: int) -> float:
    """Return how much goods of a season are wanted in a month."""
    return float(load("calendar")["seasons"][season][month - 1])


def _weight(channel: Mapping[str, Any], day: date, first: date, now: datetime) -> float:
    calendar = load("calendar")
    weight = float(channel["share"] * calendar["growth_per_year"] ** ((day - first).days / 365))
    weight *= calendar["months"][channel["country"]][day.month - 1]
    weight *= calendar["weekdays"][channel["country"]][day.weekday()]
    for campaign in _running(channel["code"], day):
        weight *= campaign["factor"]
    here = now.astimezone(ZoneInfo(channel["time_zone"]))
    if day == here.date():
        weight *= _share_of_day(here.hour + here.minute / 60)
    return weight if day <= here.date() else 0.0


def _visit(rng: random.Random, channel: Mapping[str, Any], day: date, start: datetime, now: datetime) -> Visit:
    hours = load("calendar")["hours"]
    zone = ZoneInfo(channel["time_zone"])
    here = now.astimezone(zone)
    last = here.hour if day == here.date() else 23
    hour = rng.choices(range(last + 1), weights=hours[: last + 1])[0]
    at = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), tzinfo=zone)
    latest = now - timedelta(seconds=rng.randrange(30, 900))
    discount = max((campaign.get("discount", 0) for campaign in _running(channel["code"], day)), default=0)
    return Visit(channel["code"], min(max(at, start), latest), discount)


def _share_of_day(hour: float) -> float:
    hours = load("calendar")["hours"]
    full = int(hour)
    return float((sum(hours[:full]) + hours[full] * (hour - full)) / sum(hours))


@cache
def _running(channel: str, day: date) -> list[Mapping[str, Any]]:
    """Return the campaigns of a channel on a day."""
    return [
        campaign
        for campaign in load("calendar")["campaign"]
        if channel in campaign["channels"] and any(begin <= day < end for begin, end in _periods(campaign, day.year))
    ]


def _periods(campaign: Mapping[str, Any], year: int) -> Iterable[tuple[date, date]]:
    for day in _dates(campaign, (year, year + 1)):
        begin = day + timedelta(days=campaign["from"])
        yield begin, begin + timedelta(days=campaign["days"])


def _dates(campaign: Mapping[str, Any], years: Sequence[int]) -> list[date]:
    if campaign.get("rule") == "black_friday":
        return [_black_friday(year) for year in years]
    if isinstance(campaign["on"], str):
        month, day = campaign["on"].split("-")
        return [date(year, int(month), int(day)) for year in years]
    return [date.fromisoformat(text) for text in campaign["on"]]


def _black_friday(year: int) -> date:
    """Return the day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)
