"""The calendar of tasks: days of the reader's zone, the four most pressing of each, deadlines moved by a drop."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from core.models import EventRecord
from staff.admin.task_calendar import span_of
from staff.models import Holiday, Leave, Task, TaskGroup, WorkCalendar, WorkProfile
from staff.selectors.agenda import agenda
from staff.selectors.cards import TaskFilter
from tests.staff.making import make_colleague, make_task

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, ten in Seoul
FIRST, LAST = date(2026, 3, 2), date(2026, 3, 8)


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(NOW, tick=False):
        yield


def week(user, **wanted):
    return {day.on: day for day in agenda(user=user, first=FIRST, last=LAST, wanted=TaskFilter(**wanted))}


def due_on(task, day, hour=3):
    Task.objects.filter(pk=task.pk).update(due_at=datetime(2026, 3, day, hour, tzinfo=UTC))
    return task.pk


def test_days_are_those_of_the_reader_and_hold_the_four_most_pressing():
    boss = make_colleague("ec_manager")
    tasks = [due_on(make_task(by=boss, priority=2), 4) for _number in range(5)]
    urgent = due_on(make_task(by=boss, priority=4), 4)
    evening = due_on(make_task(by=boss), 4, hour=15)  # midnight in Seoul: the fifth
    Task.objects.filter(pk=due_on(make_task(by=boss), 5)).update(status="cancelled")

    days = week(boss)

    assert [card.task.pk for card in days[date(2026, 3, 4)].cards] == [urgent, *tasks[:3]]
    assert (days[date(2026, 3, 4)].count, days[date(2026, 3, 4)].more) == (6, 2)
    assert [card.task.pk for card in days[date(2026, 3, 5)].cards] == [evening]
    assert days[FIRST].is_today
    assert days[FIRST].is_empty
    assert list(days) == [FIRST + timedelta(days=number) for number in range(7)]


def test_go_live_dates_holidays_and_people_away():
    boss = make_colleague("ec_manager", first_name="Ada", last_name="Lane")
    group = TaskGroup.objects.create(name="Spring launch", go_live_on=date(2026, 3, 5), owner=boss)
    make_task(by=boss, title="Part of it", group_id=group.pk, go_live_on=date(2026, 3, 5))
    make_task(by=boss, title="Alone", go_live_on=date(2026, 3, 6))
    shops = WorkCalendar.objects.filter(is_default=True).first() or WorkCalendar.objects.create(
        code="shop", name="Shop", is_default=True
    )
    own = WorkCalendar.objects.create(code="own", name="Own")
    Holiday.objects.create(calendar=shops, on=date(2026, 3, 3), name="Shop closed")
    Holiday.objects.create(calendar=shops, on=date(2026, 3, 4), name="Worked", is_worked=True)
    Holiday.objects.create(calendar=own, on=date(2026, 3, 7), name="Own holiday")
    Leave.objects.create(user=boss, starts_on=date(2026, 2, 20), ends_on=date(2026, 3, 3))

    days = week(boss)
    assert {on: day.live for on, day in days.items() if day.live} == {
        date(2026, 3, 5): ["Spring launch"],
        date(2026, 3, 6): ["Alone"],
    }
    assert {on: day.holiday for on, day in days.items() if day.holiday} == {date(2026, 3, 3): "Shop closed"}
    assert {on: day.away for on, day in days.items() if day.away} == {
        date(2026, 3, 2): ["Ada Lane"],
        date(2026, 3, 3): ["Ada Lane"],
    }
    WorkProfile.objects.create(user=boss, calendar=own)
    assert {on: day.holiday for on, day in week(boss).items() if day.holiday} == {date(2026, 3, 7): "Own holiday"}


def test_filters_narrow_the_tasks():
    boss, lead = make_colleague("ec_manager"), make_colleague("cs_lead")
    banner = due_on(make_task(by=boss), 4)
    stock = due_on(make_task(by=lead, kind="stock_check"), 4)

    def shown(user, **wanted):
        return {card.task.pk for card in week(user, **wanted)[date(2026, 3, 4)].cards}

    assert shown(boss) == {banner, stock}
    assert shown(boss, mine=True) == {banner}
    assert shown(boss, kind="stock_check") == shown(boss, role="warehouse") == {stock}
    assert shown(boss, person=boss.pk) == set()


@pytest.mark.parametrize(
    ("view", "on", "span"),
    [
        ("month", date(2026, 3, 2), (date(2026, 2, 23), date(2026, 4, 5))),
        ("month", date(2027, 2, 28), (date(2027, 2, 1), date(2027, 2, 28))),
        ("week", date(2026, 3, 8), (FIRST, LAST)),
        ("day", date(2026, 3, 8), (date(2026, 3, 8), date(2026, 3, 8))),
    ],
)
def test_spans(view, on, span):
    assert span_of(view, on) == span


@pytest.mark.parametrize("view", ["", "month", "week", "day"])
@pytest.mark.parametrize("on", ["", "2026-03-04", "2000-01-03", "2100-12-31", "2026-01-31"])
def test_pages(client, view, on):
    boss = make_colleague("ec_manager")
    due_on(make_task(by=boss, title="Winter <b>sale</b>"), 4)
    client.force_login(boss)

    page = client.get(reverse("admin:staff_task_calendar"), {"view": view, "on": on})

    assert page.status_code == 200
    assert "<b>sale" not in page.content.decode()


@pytest.mark.parametrize("query", ["view=year", "on=2026-02-30", "on=yesterday", "on=1999-01-01", "on=9999-12-31"])
def test_nonsense_is_a_bad_request(client, query):
    client.force_login(make_colleague("designer"))

    assert client.get(reverse("admin:staff_task_calendar") + f"?{query}").status_code == 400


def drop(client, task, on):
    url = reverse("admin:staff_task_calendar_move", args=[task])
    return client.post(url, {"on": on}, headers={"X-Requested-With": "board"})


def test_a_drop_moves_the_deadline_and_keeps_the_time_of_day(client):
    boss = make_colleague("ec_manager")
    task = due_on(make_task(by=boss), 4)
    client.force_login(boss)

    answer = drop(client, task, "2026-03-06")

    number = Task.objects.get(pk=task).number
    assert (answer.status_code, answer.json()) == (200, {"sentence": f"{number} is due on 2026-03-06 now."})
    assert Task.objects.get(pk=task).due_at == datetime(2026, 3, 6, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("role", "on", "sentence"),
    [
        ("ec_manager", "2026-03-01", "The deadline lies in the past. Choose a later one."),
        ("ec_manager", "soon", "This is no day."),
        ("designer", "2026-03-06", ""),
    ],
)
def test_refused_moves_change_nothing(client, role, on, sentence):
    task = due_on(make_task(), 4)
    client.force_login(make_colleague(role))
    before = EventRecord.objects.count()

    answer = drop(client, task, on)

    assert answer.status_code == 409
    assert answer.json()["sentence"] == sentence or not sentence
    assert Task.objects.get(pk=task).due_at == datetime(2026, 3, 4, 3, tzinfo=UTC)
    assert EventRecord.objects.count() == before


def test_the_dialog_does_the_same(client):
    boss = make_colleague("ec_manager")
    task = due_on(make_task(by=boss), 4)
    client.force_login(boss)
    url = reverse("admin:staff_task_calendar_move", args=[task])
    assert 'value="2026-03-04"' in client.get(url, headers={"HX-Request": "true"}).content.decode()

    assert client.post(url, {"on": "2026-03-01"}).status_code == 200
    assert client.post(url, {"on": "2026-03-05"}).status_code == 302
    assert Task.objects.get(pk=task).due_at == datetime(2026, 3, 5, 3, tzinfo=UTC)
    assert client.get(reverse("admin:staff_task_calendar_move", args=[10**9])).status_code == 404
