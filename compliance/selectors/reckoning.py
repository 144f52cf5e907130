"""When a term ends and what its delay costs: arithmetic on dates of the customer's country, no queries.

Business days are Monday to Friday without the public holidays of the country, substitute ones included. The holidays
are the law's (``public_holidays``), never the shop's own calendar: a shop that closes may not pay later for it.
"""

import zoneinfo
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from compliance.models import Extension, Jurisdiction, LegalRule, TermUnit
from staff.services.people.calendars import public_holidays

_DAY = timedelta(days=1)
_YEAR_DAYS = 365  # interest of a year is spread over 365 days, in leap years as well
_ZONES: Mapping[str, str] = {
    "KR": "Asia/Seoul", "JP": "Asia/Tokyo", "AT": "Europe/Vienna", "BE": "Europe/Brussels", "BG": "Europe/Sofia",
    "CY": "Asia/Nicosia", "CZ": "Europe/Prague", "DE": "Europe/Berlin", "DK": "Europe/Copenhagen",
    "EE": "Europe/Tallinn", "ES": "Europe/Madrid", "FI": "Europe/Helsinki", "FR": "Europe/Paris",
    "GR": "Europe/Athens", "HR": "Europe/Zagreb", "HU": "Europe/Budapest", "IE": "Europe/Dublin",
    "IT": "Europe/Rome", "LT": "Europe/Vilnius", "LU": "Europe/Luxembourg", "LV": "Europe/Riga",
    "MT": "Europe/Malta", "NL": "Europe/Amsterdam", "PL": "Europe/Warsaw", "PT": "Europe/Lisbon",
    "RO": "Europe/Bucharest", "SE": "Europe/Stockholm", "SI": "Europe/Ljubljana", "SK": "Europe/Bratislava",
}  # fmt: skip
_CAPITALS: Mapping[str, str] = {Jurisdiction.KR: "KR", Jurisdiction.JP: "JP", Jurisdiction.EU: "BE"}


def country_in(jurisdiction: str, country: str) -> str:
    """Return the country whose calendar counts; where none is known that of the jurisdiction (for the EU Brussels)."""
    code = country.strip().upper()
    return code if code in _ZONES else _CAPITALS[jurisdiction]


def zone_of(country: str) -> zoneinfo.ZoneInfo:
    """Return the time zone by whose midnight terms end in a country (that of its capital)."""
    return zoneinfo.ZoneInfo(_ZONES[country])


def is_business_day(day: date, country: str) -> bool:
    """Tell whether the law of the country counts this day as one of business."""
    return day.weekday() < 5 and day not in _days_off(country, day.year)


def local_day(moment: datetime, country: str) -> date:
    """Return which day it is there."""
    return moment.astimezone(zone_of(country)).date()


def end_of(day: date, country: str) -> datetime:
    """Return the last moment of a day there, a microsecond before midnight, as UTC."""
    midnight = datetime.combine(day + _DAY, time(), tzinfo=zone_of(country))
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def due_at(rule: LegalRule, started_at: datetime, country: str) -> datetime:
    """Return the last moment that is in time for a term that starts then.

    Days, months and years end with the end of their last day in the country; hours are exact; what is to be done
    without delay is due when it starts.
    """
    unit = TermUnit(rule.unit)
    if unit == TermUnit.AT_ONCE:
        return started_at
    if unit == TermUnit.HOUR:
        return started_at.astimezone(UTC) + timedelta(hours=rule.count)
    return end_of(_rolled(rule, _last_day(rule, local_day(started_at, country), country), country), country)


def extended(rule: LegalRule, due: datetime, country: str) -> datetime:
    """Return the end of a term that is extended by what the law says. ValueError where it says nothing."""
    if rule.extension != Extension.FIXED:
        raise ValueError(f"{rule.code} has no fixed extension")
    day = _added(local_day(due, country), rule.extension_count, TermUnit(rule.extension_unit))
    return end_of(_rolled(rule, day, country), country)


def days_late(due: datetime, at: datetime, country: str) -> int:
    """Return by how many days something at this moment is late; 0 up to the last moment of the term."""
    return max(0, (local_day(at, country) - local_day(due, country)).days)


def interest(amount_days: int, percent: Decimal | None) -> int:
    """Return the interest on minor units times days at ``percent`` a year, half up to whole minor units."""
    if percent is None:
        return 0
    whole = _YEAR_DAYS * 100 * 100
    return (2 * amount_days * int(percent * 100) + whole) // (2 * whole)


def _rolled(rule: LegalRule, day: date, country: str) -> date:
    """Return the day, or the next one of business where the law moves the end of a term there."""
    while rule.ends_on_business_day and not is_business_day(day, country):
        day += _DAY
    return day


def _last_day(rule: LegalRule, day: date, country: str) -> date:
    count = rule.count
    unit = TermUnit(rule.unit)
    if unit == TermUnit.BUSINESS_DAY:
        return _business_days_on(day, count, country, counts_first=rule.counts_first_day)
    return _added(day, count, unit) - (_DAY if rule.counts_first_day else timedelta())


def _business_days_on(day: date, count: int, country: str, *, counts_first: bool) -> date:
    left = count
    if not counts_first:
        day += _DAY
    while True:
        left -= is_business_day(day, country)
        if not left:
            return day
        day += _DAY


def _added(day: date, count: int, unit: TermUnit) -> date:
    """Return the day so much later; of a shorter month the last one."""
    if unit == TermUnit.DAY:
        return day + timedelta(days=count)
    months = day.year * 12 + day.month - 1 + count * (12 if unit == TermUnit.YEAR else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=512)
def _days_off(country: str, year: int) -> frozenset[date]:
    return frozenset(public_holidays(country, [year]))
