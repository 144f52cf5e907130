"""When terms end: month ends, leap years, holidays and their substitutes, midnight there; and what delay costs."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from compliance.models import LegalRule
from compliance.selectors import jurisdiction_of
from compliance.selectors.reckoning import (
    country_in,
    days_late,
    due_at,
    extended,
    interest,
    is_business_day,
    local_day,
    zone_of,
)


def at(country, text):
    """Return a moment of local time there."""
    return datetime.fromisoformat(text).replace(tzinfo=zone_of(country))


def rule(count, unit, **over):
    return LegalRule(**{"code": "test", "count": count, "unit": unit, **over})


# country, begins (there), how many, of what, last day
TERMS = [
    # calendar days: the day it begins does not count
    ("KR", "2026-11-10 00:00", 7, "day", "2026-11-17"),
    ("KR", "2026-11-10 23:59", 7, "day", "2026-11-17"),
    ("KR", "2026-02-24 09:00", 7, "day", "2026-03-03"),  # over the end of February
    ("KR", "2028-02-24 09:00", 7, "day", "2028-03-02"),  # of a leap year
    ("KR", "2026-12-28 09:00", 7, "day", "2027-01-04"),
    ("JP", "2026-11-10 09:00", 8, "day", "2026-11-18"),
    ("DE", "2026-03-20 22:00", 14, "day", "2026-04-03"),  # the clocks go forward in between
    # business days: Saturdays, Sundays, holidays do not count
    ("KR", "2026-11-17 10:00", 3, "business_day", "2026-11-20"),
    ("KR", "2026-11-20 10:00", 3, "business_day", "2026-11-25"),  # from Friday
    ("KR", "2026-11-21 10:00", 3, "business_day", "2026-11-25"),  # from Saturday
    ("KR", "2026-02-13 10:00", 3, "business_day", "2026-02-23"),  # New Year, Monday to Wednesday
    ("KR", "2026-02-26 10:00", 3, "business_day", "2026-03-04"),  # March 1st is a Sunday: Monday stands for it
    ("KR", "2026-09-23 10:00", 3, "business_day", "2026-09-30"),  # Chuseok
    ("KR", "2026-10-02 10:00", 3, "business_day", "2026-10-08"),  # October 5th stands for the Saturday
    ("KR", "2026-12-24 10:00", 3, "business_day", "2026-12-30"),
    ("KR", "2026-12-30 10:00", 3, "business_day", "2027-01-05"),
    ("JP", "2026-05-01 10:00", 3, "business_day", "2026-05-11"),  # three holidays and the one for the Sunday
    ("JP", "2026-09-18 10:00", 3, "business_day", "2026-09-28"),  # the day between two holidays is one
    ("KR", "2026-11-20 10:00", 10, "business_day", "2026-12-04"),
    # months and years: a shorter month ends with its last day
    ("KR", "2026-11-30 10:00", 3, "month", "2027-02-28"),
    ("KR", "2027-11-30 10:00", 3, "month", "2028-02-29"),
    ("KR", "2026-08-31 10:00", 3, "month", "2026-11-30"),
    ("KR", "2026-12-31 10:00", 6, "month", "2027-06-30"),
    ("KR", "2028-02-29 10:00", 5, "year", "2033-02-28"),
    ("KR", "2026-01-31 10:00", 3, "year", "2029-01-31"),
]


@pytest.mark.parametrize(("country", "begins", "count", "unit", "last"), TERMS)
def test_a_term_ends_with_the_last_moment_of_its_last_day_there(country, begins, count, unit, last):
    due = due_at(rule(count, unit), at(country, begins), country)

    assert due == at(country, f"{last} 23:59:59.999999")


def test_midnight_is_that_of_the_customers_country():
    # three in the afternoon UTC is midnight in Seoul: another day begins
    before, after = datetime(2026, 11, 10, 14, 59, 59, tzinfo=UTC), datetime(2026, 11, 10, 15, tzinfo=UTC)

    assert [local_day(moment, "KR") for moment in (before, after)] == [date(2026, 11, 10), date(2026, 11, 11)]
    assert [local_day(due_at(rule(7, "day"), moment, "KR"), "KR") for moment in (before, after)] == [
        date(2026, 11, 17),
        date(2026, 11, 18),
    ]
    assert local_day(due_at(rule(7, "day"), after, "FR"), "FR") == date(2026, 11, 17)


def test_hours_are_exact_and_at_once_is_now():
    begins = at("KR", "2026-11-20 23:30")

    assert due_at(rule(48, "hour"), begins, "KR") == at("KR", "2026-11-22 23:30")
    assert due_at(rule(0, "at_once"), begins, "KR") == begins


def test_a_rule_may_count_its_first_day():
    begins = at("JP", "2026-11-10 09:00")

    assert local_day(due_at(rule(8, "day", counts_first_day=True), begins, "JP"), "JP") == date(2026, 11, 17)
    business = rule(3, "business_day", counts_first_day=True)
    assert local_day(due_at(business, at("KR", "2026-11-20 10:00"), "KR"), "KR") == date(2026, 11, 24)


def test_a_rule_may_end_on_a_business_day_only():
    begins = at("KR", "2026-09-17 10:00")  # seven days on is Chuseok, and a weekend follows

    assert local_day(due_at(rule(7, "day"), begins, "KR"), "KR") == date(2026, 9, 24)
    rolling = rule(7, "day", ends_on_business_day=True)
    assert local_day(due_at(rolling, begins, "KR"), "KR") == date(2026, 9, 28)


def test_an_extension_counts_from_the_end():
    fixed = rule(14, "day", extension="fixed", extension_count=12, extension_unit="month")
    due = due_at(fixed, at("FR", "2028-02-15 12:00"), "FR")

    assert local_day(due, "FR") == date(2028, 2, 29)
    assert extended(fixed, due, "FR") == at("FR", "2029-02-28 23:59:59.999999")
    with pytest.raises(ValueError, match="no fixed extension"):
        extended(rule(14, "day"), due, "FR")


def test_a_day_of_rest_here_may_be_one_of_work_there():
    assert [is_business_day(date(2026, 5, 4), country) for country in ("KR", "JP", "DE")] == [True, False, True]
    assert [is_business_day(date(2026, 11, 23), country) for country in ("KR", "JP")] == [True, False]


@pytest.mark.parametrize(
    ("moment", "days"),
    [
        ("2026-11-20 00:00", 0),
        ("2026-11-20 23:59:59.999999", 0),
        ("2026-11-21 00:00", 1),
        ("2026-11-24 23:59", 4),
        ("2026-11-01 00:00", 0),
    ],
)
def test_late_is_counted_in_days_there(moment, days):
    assert days_late(at("KR", "2026-11-20 23:59:59.999999"), at("KR", moment), "KR") == days


@pytest.mark.parametrize(
    ("amount_days", "percent", "cost"),
    [
        (30_000 * 4, "15", 49),  # 49.3
        (30_000 * 365, "15", 4_500),
        (1_000_000, "15", 411),  # 410.96
        (73_000, "0.25", 1),  # exactly one half goes up
        (72_999, "0.25", 0),
        (0, "15", 0),
        (10**15, "15", 410_958_904_110),
    ],
)
def test_interest_is_exact_and_rounded_half_up_once(amount_days, percent, cost):
    assert interest(amount_days, Decimal(percent)) == cost


def test_no_interest_without_a_rate():
    assert interest(10**9, None) == 0


@pytest.mark.parametrize(
    ("jurisdiction", "country", "whose"),
    [("KR", "kr", "KR"), ("KR", "", "KR"), ("JP", "??", "JP"), ("EU", "FI", "FI"), ("EU", "", "BE")],
)
def test_an_unknown_country_is_that_of_the_jurisdiction(jurisdiction, country, whose):
    assert country_in(jurisdiction, country) == whose
    assert jurisdiction_of(whose) == jurisdiction
