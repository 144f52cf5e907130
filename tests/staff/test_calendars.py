"""Calendars come with the shop and know the holidays of their country."""

from datetime import date, time

import pytest

from staff.models import Holiday, WorkCalendar
from staff.selectors.working_time import working_time
from staff.services.people.calendars import public_holidays, sync_calendars, sync_holidays

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


def test_two_calendars_are_delivered_the_one_of_the_own_zone_is_the_shops():
    sync_calendars(today=TODAY)

    assert list(WorkCalendar.objects.order_by("code").values_list("code", "country", "is_default")) == [
        ("jp", "JP", False),
        ("kr", "KR", True),
    ]
    hours = WorkCalendar.objects.get(code="jp").hours.values_list("weekday", "opens_at", "closes_at")
    assert list(hours[:3]) == [(0, time(9), time(12)), (0, time(13), time(18)), (1, time(9), time(12))]
    assert hours.count() == 10


def test_in_another_zone_somebody_chooses_the_shops_own(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    sync_calendars(today=TODAY)
    assert not WorkCalendar.objects.filter(is_default=True).exists()


def test_holidays_of_two_years_are_named_in_the_countrys_language():
    sync_calendars(today=TODAY)

    names = dict(Holiday.objects.filter(calendar__code="kr").values_list("on", "name"))
    assert names[date(2026, 10, 9)] == "한글날"
    assert names[date(2027, 1, 1)] == "신정연휴"
    assert {on.year for on in names} == {2026, 2027}
    assert Holiday.objects.get(calendar__code="jp", on=date(2026, 11, 3)).name == "文化の日"
    assert working_time().is_working_day(date(2026, 10, 9)) is False


def test_repeating_adds_nothing_and_keeps_what_people_entered():
    sync_calendars(today=TODAY)
    korea = WorkCalendar.objects.get(code="kr")
    korea.name = "Our shop"
    korea.save(update_fields=["name"])
    korea.holidays.create(on=date(2026, 4, 1), name="Founder’s day")
    korea.holidays.filter(on=date(2026, 10, 9)).update(name="Hangul", is_worked=True)
    before = list(Holiday.objects.order_by("pk").values_list("pk", "on", "name", "is_worked"))

    assert sync_calendars(today=TODAY) == 0

    assert list(Holiday.objects.order_by("pk").values_list("pk", "on", "name", "is_worked")) == before
    assert WorkCalendar.objects.get(code="kr").name == "Our shop"
    assert working_time().is_working_day(date(2026, 10, 9)) is True


def test_a_shop_with_calendars_of_its_own_gets_no_others():
    WorkCalendar.objects.create(code="own", name="Own")
    assert sync_calendars(today=TODAY) == 0
    assert WorkCalendar.objects.count() == 1


@pytest.mark.parametrize("country", ["", "XX"])
def test_unknown_countries_have_no_holidays(country):
    WorkCalendar.objects.create(code="own", name="Own", country=country)
    assert sync_holidays(years=[2026]) == 0


def test_days_that_a_person_entered_first_keep_their_name():
    calendar = WorkCalendar.objects.create(code="own", name="Own", country="KR")
    calendar.holidays.create(on=date(2026, 12, 25), name="Party")
    added = sync_holidays(years=[2026])
    assert added == len(public_holidays("KR", [2026])) - 1
    assert calendar.holidays.get(on=date(2026, 12, 25)).name == "Party"
