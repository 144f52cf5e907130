"""Reminders: two working days before, on the day, overdue; by each person's zone, calendar and leave; each once."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from staff.models import (
    Holiday,
    Leave,
    Notification,
    OutboundNotification,
    Task,
    Webhook,
    WorkCalendar,
    WorkProfile,
)
from staff.services.notifications.reminding import remind
from tests.factories import make_user
from tests.staff.making import make_colleague, make_started_task, make_task

pytestmark = pytest.mark.django_db


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# 2026-03-02 is a Monday; nine in Seoul is midnight UTC
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (at(f"2026-03-0{day} 00:00") for day in (2, 3, 4, 5, 6))
NEXT_MONDAY = at("2026-03-09 00:00")
OPENING, EVENING = timedelta(minutes=1), timedelta(hours=9)


@pytest.fixture(autouse=True)
def before_all():
    with time_machine.travel(at("2026-02-27 00:00"), tick=False):
        yield


@pytest.fixture
def boss():
    return make_colleague("ec_manager")


@pytest.fixture
def designer():
    return make_colleague("designer")


def due(task, moment, **over):
    Task.objects.filter(pk=task.pk).update(due_at=moment, **over)
    Notification.objects.all().delete()
    return task


def reminded(moment, *, but=()):
    """Run at ``moment`` and return (user, topic, key) of what is new."""
    before = set(Notification.objects.values_list("pk", flat=True))
    count = remind(now=moment)
    rows = Notification.objects.exclude(pk__in=before).exclude(user__in=but).order_by("user_id", "topic", "key")
    assert but or rows.count() == count
    return list(rows.values_list("user_id", "topic", "key"))


def test_one_task_from_two_days_before_until_it_is_late(boss, designer):
    task = due(make_started_task(by=boss, worker=designer), FRIDAY + EVENING)  # six on Friday
    told = []
    moment = MONDAY
    while moment < at("2026-03-11 00:00"):
        remind(now=moment)
        told += [(moment, row.topic) for row in Notification.objects.filter(user=designer, at=moment)]
        moment += timedelta(minutes=30)

    assert [(topic, moment.date()) for moment, topic in told] == [
        ("due_soon", date(2026, 3, 4)),
        ("due_today", date(2026, 3, 6)),
        ("overdue", date(2026, 3, 9)),
        ("overdue", date(2026, 3, 10)),
    ]
    assert [moment for moment, _topic in told][:2] == [WEDNESDAY, FRIDAY]
    assert Notification.objects.filter(user=designer).first().data["number"] == task.number


def test_each_reminder_comes_within_working_hours_only(boss, designer):
    due(make_started_task(by=boss, worker=designer), FRIDAY + EVENING)
    assert reminded(FRIDAY - timedelta(seconds=1)) == []  # a second before nine
    assert len(reminded(FRIDAY)) == 1
    assert reminded(FRIDAY + EVENING) == []  # it is late at the close of the day: tomorrow's matter
    assert reminded(at("2026-03-07 03:00")) == []  # Saturday


def test_twice_tells_once(boss, designer):
    task = due(make_started_task(by=boss, worker=designer), FRIDAY + EVENING)
    first = reminded(FRIDAY + OPENING)
    assert first == [(designer.pk, "due_today", f"due_today:{task.pk}:202603060900")]
    assert reminded(FRIDAY + OPENING) == []
    assert reminded(FRIDAY + timedelta(hours=5)) == []


def test_late_after_downtime_only_what_holds_now_is_told(boss, designer):
    due(make_started_task(by=boss, worker=designer), FRIDAY + EVENING)
    # nobody ran on Wednesday, Thursday and Friday
    told = [topic for _user, topic, _key in reminded(NEXT_MONDAY + OPENING, but=[boss.pk])]
    assert told == ["overdue"]


def test_the_day_before_still_says_soon_when_the_day_before_that_was_missed(boss, designer):
    due(make_started_task(by=boss, worker=designer), FRIDAY + EVENING)
    assert [topic for _user, topic, _key in reminded(THURSDAY + OPENING)] == ["due_soon"]


def test_a_moved_deadline_is_reminded_of_again(boss, designer):
    task = due(make_started_task(by=boss, worker=designer), WEDNESDAY + EVENING)
    assert [topic for _user, topic, _key in reminded(MONDAY)] == ["due_soon"]
    Task.objects.filter(pk=task.pk).update(due_at=FRIDAY + EVENING)
    assert reminded(TUESDAY) == []
    assert [topic for _user, topic, _key in reminded(WEDNESDAY)] == ["due_soon"]


def test_what_is_due_on_a_free_day_is_due_on_the_working_day_before(boss, designer):
    due(make_started_task(by=boss, worker=designer), at("2026-03-08 03:00"))  # Sunday noon
    assert [topic for _user, topic, _key in reminded(THURSDAY)] == ["due_soon"]
    assert [topic for _user, topic, _key in reminded(FRIDAY)] == ["due_today"]


def test_holidays_of_the_own_calendar_are_no_working_days(boss, designer):
    korea = WorkCalendar.objects.create(code="kr-test", name="Korea", country="KR")
    Holiday.objects.create(calendar=korea, on=date(2026, 3, 4), name="Foundation day")
    Holiday.objects.create(calendar=korea, on=date(2026, 3, 5), name="Bridge day")
    WorkProfile.objects.create(user=designer, calendar=korea)
    due(make_started_task(by=boss, worker=designer), FRIDAY + EVENING)
    assert [topic for _user, topic, _key in reminded(MONDAY)] == ["due_soon"]  # Tuesday, Friday
    assert reminded(WEDNESDAY) == []
    assert [topic for _user, topic, _key in reminded(FRIDAY)] == ["due_today"]


@pytest.mark.parametrize(
    ("zone", "early", "opening"),
    [
        ("Asia/Seoul", "2026-03-26 23:59", "2026-03-27 00:00"),
        ("Asia/Tokyo", "2026-03-26 23:59", "2026-03-27 00:00"),
        ("Europe/Berlin", "2026-03-27 07:59", "2026-03-27 08:00"),  # winter time
        ("America/New_York", "2026-03-27 12:59", "2026-03-27 13:00"),
    ],
)
def test_the_morning_is_the_persons_own(boss, zone, early, opening):
    worker = make_colleague("designer", time_zone=zone)
    due(make_started_task(by=boss, worker=worker), at("2026-03-27 16:00"))
    assert "due_today" not in [topic for _user, topic, _key in reminded(at(early), but=[boss.pk])]
    assert [topic for _user, topic, _key in reminded(at(opening), but=[boss.pk])] == ["due_today"]


def test_summer_time_moves_the_morning(boss):
    worker = make_colleague("designer", time_zone="Europe/Berlin")
    due(make_started_task(by=boss, worker=worker), at("2026-03-30 15:00"))  # Monday after the change, five o'clock
    assert reminded(at("2026-03-30 06:59"), but=[boss.pk]) == []
    assert [topic for _user, topic, _key in reminded(at("2026-03-30 07:00"), but=[boss.pk])] == ["due_today"]


def test_the_day_is_the_persons_own_too(boss):
    """Six on Monday evening in New York is Tuesday morning in Seoul: due today there, overdue tomorrow."""
    worker = make_colleague("designer", time_zone="America/New_York")
    due(make_started_task(by=boss, worker=worker), at("2026-03-02 22:00"))
    assert [topic for _user, topic, _key in reminded(at("2026-03-02 14:00"), but=[boss.pk])] == ["due_today"]


def test_while_nobody_has_it_the_requester_hears(boss):
    requester = make_colleague("merchandiser")
    due(make_task(by=requester), FRIDAY + EVENING)
    assert [(user, topic) for user, topic, _key in reminded(FRIDAY)] == [(requester.pk, "due_today")]


@pytest.mark.parametrize("status", ["on_hold", "cancelled", "delivered", "approved", "live"])
def test_what_waits_on_purpose_or_is_done_reminds_nobody(boss, designer, status):
    resume = "in_progress" if status == "on_hold" else ""
    due(make_started_task(by=boss, worker=designer), MONDAY - EVENING, status=status, resume_status=resume)
    assert reminded(MONDAY) == []


def test_who_directs_hears_of_all_that_is_late_in_one_line_a_day(boss):
    workers = [make_colleague("designer") for _ in range(3)]
    for worker in workers:
        due(make_started_task(by=boss, worker=worker), MONDAY - EVENING)

    told = [(topic, key) for user, topic, key in reminded(MONDAY) if user == boss.pk]

    assert told == [("overdue", "overdue:all:2026-03-02")]
    assert Notification.objects.get(user=boss).data == {"count": 3}
    assert reminded(MONDAY + timedelta(hours=3)) == []
    assert [key for user, _topic, key in reminded(TUESDAY) if user == boss.pk] == ["overdue:all:2026-03-03"]


def test_during_leave_the_delegate_hears(boss, designer):
    other = make_colleague("designer")
    WorkProfile.objects.create(user=designer, delegate=other)
    Leave.objects.create(user=designer, starts_on=date(2026, 3, 6), ends_on=date(2026, 3, 6))
    due(make_started_task(by=boss, worker=designer), FRIDAY + EVENING)

    assert [(user, topic) for user, topic, _key in reminded(FRIDAY)] == [(other.pk, "due_today")]
    assert Notification.objects.get().data["instead_of"] == designer.pk
    back = reminded(NEXT_MONDAY, but=[boss.pk])
    assert [(user, topic) for user, topic, _key in back] == [(designer.pk, "overdue")]


def test_without_a_delegate_who_directs_hears_of_what_is_coming(boss, designer):
    Leave.objects.create(user=designer, starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 31))
    due(make_started_task(by=boss, worker=designer), FRIDAY + EVENING)

    assert [(user, topic) for user, topic, _key in reminded(WEDNESDAY)] == [(boss.pk, "due_soon")]
    assert [(user, topic) for user, topic, _key in reminded(FRIDAY)] == [(boss.pk, "due_today")]
    # late: one line for all, no second one
    assert [key for _user, _topic, key in reminded(NEXT_MONDAY)] == ["overdue:all:2026-03-09"]


def test_a_delegate_who_is_away_too_hands_it_up(boss, designer):
    other = make_colleague("designer")
    WorkProfile.objects.create(user=designer, delegate=other)
    for user in (designer, other):
        Leave.objects.create(user=user, starts_on=date(2026, 3, 6), ends_on=date(2026, 3, 6))
    due(make_started_task(by=boss, worker=designer), FRIDAY + EVENING)
    assert [user for user, _topic, _key in reminded(FRIDAY)] == [boss.pk]


def test_reminders_take_the_chosen_ways(boss, designer):
    team = Webhook.objects.create(name="Team", kind="slack", url="https://example.com/x", topics=["due_today"])
    task = due(make_started_task(by=boss, worker=designer), FRIDAY + EVENING)
    reminded(FRIDAY)
    rows = OutboundNotification.objects.order_by("channel").values_list("channel", "webhook", "occasion", "due_at")
    assert list(rows) == [
        ("email", None, "", FRIDAY + timedelta(hours=23, minutes=30)),
        ("webhook", team.pk, f"due_today:{task.pk}:202603060900", FRIDAY),
    ]


def test_overdue_and_urgent_does_not_wait_for_the_digest(boss, designer):
    due(make_started_task(by=boss, worker=designer, priority=4), MONDAY - EVENING)
    reminded(MONDAY)
    row = OutboundNotification.objects.get(notification__user=designer)
    assert (row.due_at, row.notification.data["urgent"]) == (MONDAY, True)


def test_five_hundred_reminders_take_as_many_statements_as_one(boss):
    requester = make_colleague("merchandiser")
    first = due(make_task(by=requester), MONDAY - EVENING)
    remind(now=MONDAY)  # content types are known from here on
    with CaptureQueriesContext(connection) as one:
        assert remind(now=TUESDAY) == 2  # the requester, and one line for who directs
    workers = [make_user(time_zone=zone) for zone in ("Asia/Seoul", "Asia/Tokyo") for _ in range(10)]
    rows = [
        Task(
            number=f"T-9{n:06d}",
            kind="banner",
            title=f"Task {n}",
            role="designer",
            requester=requester,
            assignee=workers[n % 20],
            status="assigned",
            due_at=[MONDAY, WEDNESDAY + EVENING, FRIDAY][n % 3],
        )
        for n in range(500)
    ]
    Task.objects.bulk_create(rows)

    with CaptureQueriesContext(connection) as many:
        told = remind(now=WEDNESDAY + OPENING)

    assert told == 500 + 1 + 1
    assert len(one) == len(many)
    assert sum("INSERT INTO staff_notification" in query["sql"] for query in many) == 1
    assert len(many) <= 13
    assert set(Notification.objects.filter(subject_id=first.pk).values_list("topic", flat=True)) == {"overdue"}
