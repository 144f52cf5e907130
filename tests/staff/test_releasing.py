"""Claimed tasks that nobody begins come back; who directs hears of tasks whose assignee is away."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from core.models import EventRecord
from staff.models import Leave, Notification, Task, WorkCalendar
from staff.selectors.notifications import lines_of
from staff.services import assign_task, claim_task, start_task
from staff.services.assignment.releasing import release_idle_tasks, tell_of_absence
from tests.staff.making import make_colleague, make_started_task, make_task

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # ten in Seoul
FRIDAY_EVENING = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)


def claimed(at: datetime = MONDAY, who=None, **over) -> Task:
    with time_machine.travel(at, tick=False):
        task = make_task(**over)
        return claim_task(task_id=task.pk, actor=who or make_colleague())


def state(task: Task) -> tuple:
    task.refresh_from_db()
    return task.status, task.assignee_id


def released() -> list:
    return list(EventRecord.objects.filter(name="staff.task_released").values_list("subject_id", "data__reason"))


@pytest.mark.parametrize(
    ("hours", "is_released"),
    [(23, False), (24, True)],  # Tuesday nine and ten: eight working hours lie between ten and ten
)
def test_eight_working_hours_without_a_beginning(hours, is_released):
    task = claimed()
    ids = release_idle_tasks(now=MONDAY + timedelta(hours=hours))
    assert ids == ([task.pk] if is_released else [])
    assert state(task) == (("submitted", None) if is_released else ("assigned", task.assignee_id))


def test_requester_and_who_had_it_are_told_once():
    designer = make_colleague()
    task = claimed(who=designer)
    for _ in range(2):
        release_idle_tasks(now=MONDAY + timedelta(days=2))
    told = Notification.objects.filter(topic="released").order_by("user")
    assert {row.user_id for row in told} == {designer.pk, task.requester_id}
    assert told.count() == 2
    assert released() == [(task.pk, "idle")]


def test_hours_are_those_of_the_calendar_and_zone_of_who_claimed_it():
    calendar = WorkCalendar.objects.create(code="own", name="Own", is_default=True)
    calendar.holidays.create(on=date(2026, 3, 3), name="Free")
    here, abroad = claimed(), claimed(who=make_colleague(time_zone="America/New_York"))
    # Tuesday, free in Seoul; in New York all of Monday has passed
    assert release_idle_tasks(now=MONDAY + timedelta(hours=24)) == [abroad.pk]
    assert state(here)[0] == "assigned"
    assert release_idle_tasks(now=MONDAY + timedelta(hours=48)) == [here.pk]


def test_given_begun_and_touched_tasks_stay():
    manager, designer = make_colleague("ec_manager"), make_colleague()
    begun = claimed(who=designer)
    with time_machine.travel(MONDAY, tick=False):
        start_task(task_id=begun.pk, actor=designer)
        given = make_task(by=manager)
        assign_task(task_id=given.pk, assignee_id=designer.pk, actor=manager)
    touched = claimed(who=designer)
    Task.objects.filter(pk=touched.pk).update(touched_at=MONDAY + timedelta(days=2))
    assert release_idle_tasks(now=MONDAY + timedelta(days=2)) == []
    assert [state(task)[0] for task in (begun, given, touched)] == ["in_progress", "assigned", "assigned"]


def test_work_of_closed_accounts_comes_back():
    gone = make_colleague()
    sent_back, reviewed = make_started_task(worker=gone), make_started_task(worker=gone)
    Task.objects.filter(pk=sent_back.pk).update(status="changes_requested")
    Task.objects.filter(pk=reviewed.pk).update(status="in_review")
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    assert release_idle_tasks() == [sent_back.pk]
    assert state(sent_back) == ("submitted", None)
    assert state(reviewed) == ("in_review", gone.pk)
    assert released() == [(sent_back.pk, "account_closed")]


def test_the_number_of_queries_does_not_grow_with_tasks_that_stay(django_assert_num_queries):
    designer = make_colleague()
    for _ in range(3):
        claimed(who=designer)
    later = MONDAY + timedelta(hours=20)
    with django_assert_num_queries(6):
        assert release_idle_tasks(now=later) == []
    for _ in range(6):
        claimed()
    with django_assert_num_queries(6):
        assert release_idle_tasks(now=later) == []


class TestAbsence:
    """Leave that covers a deadline."""

    @pytest.fixture
    def manager(self):
        return make_colleague("ec_manager")

    def away(self, manager, *, starts=(2026, 3, 5), ends=(2026, 3, 6), due_at=FRIDAY_EVENING, **over) -> Task:
        with time_machine.travel(MONDAY, tick=False):
            task = make_started_task(by=manager, due_at=due_at, worker=make_colleague(**over))
        Leave.objects.create(user=task.assignee, starts_on=date(*starts), ends_on=date(*ends))
        return task

    def told(self) -> list:
        rows = Notification.objects.filter(topic="stuck").order_by("pk")
        return list(rows.values_list("user", "subject_id", "data__reason"))

    def test_who_directs_is_told_once_when_the_leave_begins(self, manager):
        task = self.away(manager)
        wednesday, thursday = datetime(2026, 3, 4, 14, tzinfo=UTC), datetime(2026, 3, 4, 15, tzinfo=UTC)  # midnight
        assert tell_of_absence(now=wednesday) == 0
        assert tell_of_absence(now=thursday) == 1
        assert tell_of_absence(now=thursday + timedelta(minutes=5)) == 0
        assert self.told() == [(manager.pk, task.pk, "leave")]
        assert state(task) == ("in_progress", task.assignee_id)
        facts = EventRecord.objects.filter(name="staff.task_escalated").values_list("subject_id", "data__reason")
        assert list(facts) == [(task.pk, "leave")]
        [line] = lines_of(Notification.objects.filter(topic="stuck"))
        assert line.sentence == "It falls due while the assignee is away"

    @pytest.mark.parametrize(
        "over",
        [
            {"due_at": datetime(2026, 3, 9, 1, tzinfo=UTC)},  # after the leave
            {"due_at": None},
            {"due_at": datetime(2026, 3, 4, 1, tzinfo=UTC)},  # before it
            {"starts": (2026, 3, 7), "ends": (2026, 3, 8)},  # not begun
        ],
    )
    def test_other_leave_and_deadlines_tell_nobody(self, manager, over):
        self.away(manager, **over)
        assert tell_of_absence(now=datetime(2026, 3, 6, 1, tzinfo=UTC)) == 0
        assert self.told() == []

    def test_days_are_those_where_the_assignee_lives(self, manager):
        self.away(manager, starts=(2026, 3, 5), ends=(2026, 3, 5), time_zone="America/New_York")
        # Thursday in Seoul, still Wednesday in New York; the deadline is Friday four in the morning there
        assert tell_of_absence(now=datetime(2026, 3, 5, 1, tzinfo=UTC)) == 0

    def test_another_leave_beside_hides_nothing(self, manager):
        task = self.away(manager)
        Leave.objects.create(user=task.assignee, starts_on=date(2026, 3, 7), ends_on=date(2026, 3, 8))
        Leave.objects.create(user=task.assignee, starts_on=date(2026, 3, 3), ends_on=date(2026, 3, 4))
        assert tell_of_absence(now=datetime(2026, 3, 6, 1, tzinfo=UTC)) == 1

    def test_without_anybody_who_directs_it_is_told_later(self, manager):
        self.away(manager)
        type(manager).objects.filter(pk=manager.pk).update(is_active=False)
        now = datetime(2026, 3, 6, 1, tzinfo=UTC)
        assert tell_of_absence(now=now) == 0
        make_colleague("ec_manager")
        assert tell_of_absence(now=now) == 1
