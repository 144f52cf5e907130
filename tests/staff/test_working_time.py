"""Working time: free days, split shifts, clock changes, and what holds for any two moments."""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staff.models import WorkCalendar, WorkProfile
from staff.selectors.working_time import WorkingTime, working_time, working_times
from tests.factories import make_user

SEOUL = zoneinfo.ZoneInfo("Asia/Seoul")
NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
USUAL = WorkingTime(SEOUL, holidays={date(2026, 3, 2): "대체공휴일"})
NIGHTS = WorkingTime(NEW_YORK, hours={day: ((time(0), time(6)),) for day in range(7)})


def seoul(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 27), True),  # Friday
        (date(2026, 2, 28), False),
        (date(2026, 3, 1), False),
        (date(2026, 3, 2), False),  # a Monday, but a holiday
        (date(2026, 3, 3), True),
    ],
)
def test_weekends_and_holidays_are_free(day, works):
    assert USUAL.is_working_day(day) is works


@pytest.mark.parametrize(
    ("day", "steps", "found"),
    [
        (date(2026, 2, 27), 1, date(2026, 3, 3)),  # over weekend, month end and holiday
        (date(2026, 3, 3), -1, date(2026, 2, 27)),
        (date(2026, 2, 28), 0, date(2026, 3, 3)),
        (date(2026, 2, 28), -1, date(2026, 2, 27)),
        (date(2026, 2, 27), 0, date(2026, 2, 27)),
        (date(2026, 12, 31), 1, date(2027, 1, 1)),  # no holiday entered: a Friday
        (date(2026, 2, 27), 6, date(2026, 3, 10)),
    ],
)
def test_shifting_by_working_days(day, steps, found):
    assert USUAL.shift(day, steps) == found


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        (seoul(2026, 2, 27, 9), seoul(2026, 2, 27, 18), 480),
        (seoul(2026, 2, 27, 11, 30), seoul(2026, 2, 27, 13, 30), 60),  # over lunch
        (seoul(2026, 2, 27, 12), seoul(2026, 2, 27, 13), 0),
        (seoul(2026, 2, 27, 17), seoul(2026, 3, 3, 10), 120),  # over weekend and holiday
        (seoul(2026, 2, 27, 10), seoul(2026, 2, 27, 10), 0),
        (seoul(2026, 2, 27, 11), seoul(2026, 2, 27, 10), 0),
        (seoul(2026, 2, 27, 11, 59, 30), seoul(2026, 2, 27, 13, 0, 30), 1),  # two halves make one
    ],
)
def test_minutes_between(start, end, minutes):
    assert USUAL.minutes_between(start, end) == minutes
    assert USUAL.minutes_between(start.astimezone(UTC), end.astimezone(NEW_YORK)) == minutes


@pytest.mark.parametrize(
    ("day", "minutes"),
    [(date(2026, 3, 7), 360), (date(2026, 3, 8), 300), (date(2026, 11, 1), 420)],  # usual, an hour less, one more
)
def test_a_night_in_which_the_clocks_change_has_its_real_length(day, minutes):
    start = datetime.combine(day, time(0), tzinfo=NEW_YORK)
    end = datetime.combine(day, time(6), tzinfo=NEW_YORK)
    assert NIGHTS.minutes_between(start, end) == minutes
    assert NIGHTS.before(end, minutes) == start


@pytest.mark.parametrize(
    ("moment", "minutes", "found"),
    [
        (seoul(2026, 3, 3, 10), 480, seoul(2026, 2, 27, 10)),
        (seoul(2026, 3, 3, 13, 30), 60, seoul(2026, 3, 3, 11, 30)),
        (seoul(2026, 3, 2, 15), 30, seoul(2026, 2, 27, 17, 30)),  # a holiday counts nothing
        (seoul(2026, 3, 3, 8), 480, seoul(2026, 2, 27, 9)),
    ],
)
def test_the_moment_so_many_working_minutes_ago(moment, minutes, found):
    assert USUAL.before(moment, minutes) == found


@pytest.mark.parametrize(
    ("moment", "days", "found"),
    [
        (seoul(2026, 3, 4, 11), 1, seoul(2026, 3, 3, 11)),
        (seoul(2026, 3, 4, 11), 3, seoul(2026, 2, 26, 11)),
        (seoul(2026, 3, 1, 11), 1, seoul(2026, 2, 26, 18)),  # Sunday: from Friday's close
    ],
)
def test_the_same_time_some_working_days_ago(moment, days, found):
    assert USUAL.days_before(moment, days) == found


def test_shares_of_a_day():
    day = date(2026, 2, 27)
    assert USUAL.share_of_day(day, seoul(2026, 2, 27), seoul(2026, 2, 28)) == 1
    assert USUAL.share_of_day(day, seoul(2026, 2, 27, 14), seoul(2026, 3, 1)) == 0.5
    assert USUAL.share_of_day(day, seoul(2026, 2, 27, 18), seoul(2026, 3, 1)) == 0
    assert USUAL.share_of_day(date(2026, 3, 2), seoul(2026, 3, 2), seoul(2026, 3, 3)) == 0


def test_deadlines_planned_back_close_a_working_day():
    assert USUAL.due_before(date(2026, 3, 3), 1) == seoul(2026, 2, 27, 18)
    assert USUAL.due_before(date(2026, 3, 3), 0) == seoul(2026, 3, 3, 18)
    assert USUAL.due_before(date(2026, 3, 1), 0) == seoul(2026, 2, 27, 18)


MOMENTS = st.datetimes(datetime(2025, 12, 1), datetime(2027, 1, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(second=0, microsecond=0)
)
TIMES = st.sampled_from([USUAL, NIGHTS, WorkingTime(NEW_YORK)])


@given(working=TIMES, moments=st.tuples(MOMENTS, MOMENTS, MOMENTS).map(sorted))
def test_minutes_of_parts_add_up(working, moments):
    start, middle, end = moments
    whole = working.minutes_between(start, end)
    assert working.minutes_between(start, middle) + working.minutes_between(middle, end) == whole
    assert 0 <= whole <= (end - start).total_seconds() / 60


@given(working=TIMES, moment=MOMENTS, minutes=st.integers(1, 5000))
def test_going_back_and_counting_agree(working, moment, minutes):
    earlier = working.before(moment, minutes)
    assert working.minutes_between(earlier, moment) == minutes


@given(day=st.dates(date(2025, 12, 1), date(2027, 1, 31)), steps=st.integers(-40, 40))
def test_a_shifted_day_is_worked_and_as_far_as_asked(day, steps):
    found = USUAL.shift(day, steps)
    assert USUAL.is_working_day(found)
    ahead, behind = sorted([day, found])
    passed = sum(USUAL.is_working_day(ahead + timedelta(days=n)) for n in range((behind - ahead).days + 1))
    started_on_a_working_day = USUAL.is_working_day(day)
    assert passed == (abs(steps) + (1 if started_on_a_working_day else (steps == 0)))


@pytest.mark.django_db
class TestStored:
    """What is read from the tables."""

    def test_without_any_calendar_the_usual_hours_hold(self):
        assert working_time() == WorkingTime(SEOUL)

    def test_overlapping_hours_count_once_and_worked_holidays_not_at_all(self):
        calendar = WorkCalendar.objects.create(code="x", name="X", is_default=True)
        for opens, closes in [(time(9), time(12)), (time(11), time(13)), (time(14), time(15))]:
            calendar.hours.create(weekday=0, opens_at=opens, closes_at=closes)
        calendar.holidays.create(on=date(2026, 3, 2), name="Free")
        calendar.holidays.create(on=date(2026, 3, 9), name="Worked", is_worked=True)

        working = working_time()

        assert working.hours == {0: ((time(9), time(13)), (time(14), time(15)))}
        assert dict(working.holidays) == {date(2026, 3, 2): "Free"}

    def test_fifty_people_take_three_queries(self, django_assert_num_queries):
        own = WorkCalendar.objects.create(code="own", name="Own", is_default=True)
        other = WorkCalendar.objects.create(code="other", name="Other")
        own.hours.create(weekday=0, opens_at=time(10), closes_at=time(11))
        other.hours.create(weekday=1, opens_at=time(8), closes_at=time(9))
        people = [make_user(time_zone="Asia/Tokyo" if n % 2 else "Asia/Seoul") for n in range(50)]
        WorkProfile.objects.create(user=people[0], calendar=other)
        WorkProfile.objects.create(user=people[1])

        with django_assert_num_queries(3):
            found = working_times(people)

        assert found[people[0].pk].hours == {1: ((time(8), time(9)),)}
        assert found[people[1].pk].hours == {0: ((time(10), time(11)),)}
        assert str(found[people[1].pk].zone) == "Asia/Tokyo"
        assert len(found) == 50
