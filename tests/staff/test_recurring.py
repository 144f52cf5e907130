"""Tasks that come back: on the right day, once, whatever happened to the clock."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from staff.models import Holiday, RecurringTask, Repeat, Task, TaskTemplate, User, WorkCalendar
from staff.selectors.occurrences import next_occurrence
from staff.selectors.working_time import working_time
from staff.services.requests import recurring as recurring_services
from staff.services.requests.recurring import open_now, open_recurring, pause_recurring, resume_recurring
from staff.tasks import check_shown_creatives, end_timers_nobody_stopped, open_recurring_tasks
from tests.staff.making import brief_for, make_colleague

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_monday")]
NOW = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # a Monday, nine in Seoul
TODAY = date(2026, 3, 2)


@pytest.fixture
def _monday():
    with time_machine.travel(NOW, tick=False):
        yield


def make_recurring(**over) -> RecurringTask:
    template, _made = TaskTemplate.objects.get_or_create(
        code="stock", defaults={"kind": "stock_check", "title_en": "Stock check", "role": "warehouse"}
    )
    values = {
        "title": "Count shelf A",
        "template": template,
        "brief": brief_for("stock_check"),
        "repeat": Repeat.WEEKLY,
        "weekday": 0,
        "next_on": TODAY,
    }
    if "requester" not in over:
        values["requester"] = make_colleague("ec_manager")
    return RecurringTask.objects.create(**{**values, **over})


def occurred(recurring: RecurringTask) -> list[str]:
    return [str(day) for day in recurring.tasks.order_by("occurs_on").values_list("occurs_on", flat=True)]


def test_a_due_occurrence_is_opened_once():
    clerk = make_colleague("warehouse")
    recurring = make_recurring(assignee=clerk)
    [task] = open_recurring(today=TODAY).opened
    assert open_recurring(today=TODAY).opened == []
    task.refresh_from_db()
    assert (task.status, task.assignee, task.requester) == ("assigned", clerk, recurring.requester)
    assert (task.title, task.kind, task.role, task.brief) == (
        "Count shelf A",
        "stock_check",
        "warehouse",
        brief_for("stock_check"),
    )
    assert task.due_at == datetime(2026, 3, 3, 9, 0, tzinfo=UTC)  # a working day later, six in Seoul
    recurring.refresh_from_db()
    assert (recurring.next_on, occurred(recurring)) == (date(2026, 3, 9), ["2026-03-02"])
    assert EventRecord.objects.get(name="staff.recurring_task_opened").data["number"] == task.number


def test_nothing_is_opened_before_its_day():
    recurring = make_recurring(next_on=date(2026, 3, 9))
    assert open_recurring(today=date(2026, 3, 8)).opened == []
    assert occurred(recurring) == []


def test_of_missed_days_only_the_latest_is_opened_and_it_is_due_from_today():
    recurring = make_recurring(next_on=date(2026, 1, 5))
    with time_machine.travel(datetime(2026, 3, 4, 0, 0, tzinfo=UTC), tick=False):  # a Wednesday
        [task] = open_recurring(today=date(2026, 3, 4)).opened
    recurring.refresh_from_db()
    assert (recurring.next_on, occurred(recurring)) == (date(2026, 3, 9), ["2026-03-02"])
    assert task.due_at == datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


def test_killed_half_way_it_is_opened_whole_the_next_time(monkeypatch):
    recurring = make_recurring(assignee=make_colleague("warehouse"))

    def killed(**_values):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(recurring_services, "assign_task", killed)
        with pytest.raises(SystemExit):
            open_recurring(today=TODAY)
    recurring.refresh_from_db()
    assert (recurring.next_on, Task.objects.count()) == (TODAY, 0)
    assert len(open_recurring(today=TODAY).opened) == 1


def test_working_days_leave_out_holidays():
    calendar = WorkCalendar.objects.filter(is_default=True).first() or WorkCalendar.objects.create(
        code="shop", name="Shop", is_default=True
    )
    Holiday.objects.create(calendar=calendar, on=date(2026, 3, 5), name="Founding day")
    recurring = make_recurring(repeat=Repeat.WORKDAYS, weekday=None, next_on=date(2026, 3, 4))
    for day in range(4, 10):
        with time_machine.travel(datetime(2026, 3, day, 0, 0, tzinfo=UTC), tick=False):
            open_recurring(today=date(2026, 3, day))
    assert occurred(recurring) == ["2026-03-04", "2026-03-06", "2026-03-09"]


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        ({"repeat": Repeat.WEEKLY, "weekday": 6}, date(2026, 3, 2), date(2026, 3, 8)),
        ({"repeat": Repeat.WEEKLY, "weekday": 0}, date(2026, 3, 2), date(2026, 3, 2)),
        ({"repeat": Repeat.MONTHLY, "day_of_month": 31}, date(2026, 2, 1), date(2026, 2, 28)),
        ({"repeat": Repeat.MONTHLY, "day_of_month": 30}, date(2028, 2, 29), date(2028, 2, 29)),
        ({"repeat": Repeat.MONTHLY, "day_of_month": 15}, date(2026, 12, 16), date(2027, 1, 15)),
        ({"repeat": Repeat.MONTHLY, "day_of_month": 31}, date(2026, 11, 30), date(2026, 11, 30)),
        ({"repeat": Repeat.WORKDAYS}, date(2026, 3, 7), date(2026, 3, 9)),
    ],
)
def test_the_next_day_by_the_rule(rule, start, expected):
    assert next_occurrence(RecurringTask(**rule), start, working_time()) == expected


def test_month_ends_follow_each_other():
    recurring = make_recurring(repeat=Repeat.MONTHLY, weekday=None, day_of_month=31, next_on=date(2026, 1, 31))
    for day in (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 30), date(2026, 3, 31)):
        with time_machine.travel(datetime(day.year, day.month, day.day, tzinfo=UTC), tick=False):
            open_recurring(today=day)
    assert occurred(recurring) == ["2026-01-31", "2026-02-28", "2026-03-31"]


def test_what_cannot_be_opened_says_why_and_hinders_no_other():
    open_brief, left = make_recurring(brief={}), make_recurring()
    fine = make_recurring()
    User.objects.filter(pk=left.requester_id).update(is_active=False)

    report = open_recurring(today=TODAY)

    assert [task.recurring_id for task in report.opened] == [fine.pk]
    assert report.refused == [
        (open_brief.pk, "Please answer first: What to check"),
        (left.pk, "You may not request tasks."),
    ]
    open_brief.refresh_from_db()
    assert (open_brief.problem, open_brief.next_on) == ("Please answer first: What to check", TODAY)
    RecurringTask.objects.filter(pk=open_brief.pk).update(brief=brief_for("stock_check"))
    assert len(open_recurring(today=TODAY).opened) == 1
    open_brief.refresh_from_db()
    assert open_brief.problem == ""


def test_an_assignee_who_left_gets_nothing():
    recurring = make_recurring(assignee=make_colleague("warehouse", is_active=False))
    [task] = open_recurring(today=TODAY).opened
    assert (task.status, task.assignee_id, task.recurring_id) == ("submitted", None, recurring.pk)


def test_paused_it_stays_closed_and_resumed_it_starts_from_today():
    manager = make_colleague("ec_manager")
    recurring = make_recurring(next_on=date(2026, 2, 9))
    pause_recurring(recurring_id=recurring.pk, actor=manager)
    assert open_recurring(today=TODAY).opened == []
    with pytest.raises(InvalidTransition, match="paused already"):
        pause_recurring(recurring_id=recurring.pk, actor=manager)
    assert resume_recurring(recurring_id=recurring.pk, actor=manager).next_on == TODAY
    with pytest.raises(InvalidTransition, match="runs already"):
        resume_recurring(recurring_id=recurring.pk, actor=manager)
    open_recurring(today=TODAY)
    pause_recurring(recurring_id=recurring.pk, actor=manager)
    assert resume_recurring(recurring_id=recurring.pk, actor=manager).next_on == date(2026, 3, 9)


def test_resuming_needs_an_answered_brief_and_a_requester():
    recurring = make_recurring(brief={}, is_active=False)
    with pytest.raises(InvalidInput, match="Please answer first: What to check"):
        resume_recurring(recurring_id=recurring.pk)
    RecurringTask.objects.filter(pk=recurring.pk).update(brief=brief_for("stock_check"))
    User.objects.filter(pk=recurring.requester_id).update(is_active=False)
    with pytest.raises(InvalidInput, match="account is closed"):
        resume_recurring(recurring_id=recurring.pk)
    recurring.refresh_from_db()
    assert recurring.is_active is False


def test_opened_by_hand_once_a_day_and_the_rhythm_stays():
    manager = make_colleague("ec_manager")
    recurring = make_recurring(weekday=2, next_on=date(2026, 3, 4))
    task = open_now(recurring_id=recurring.pk, actor=manager)
    with pytest.raises(Conflict, match=f"{task.number} was opened today already"):
        open_now(recurring_id=recurring.pk, actor=manager)
    recurring.refresh_from_db()
    assert (recurring.next_on, occurred(recurring)) == (date(2026, 3, 4), ["2026-03-02"])
    due = make_recurring()
    open_now(recurring_id=due.pk, actor=manager)
    assert open_recurring(today=TODAY).opened == []


def test_only_who_directs_changes_recurring_tasks():
    designer, recurring = make_colleague(), make_recurring()
    for service in (open_now, pause_recurring, resume_recurring):
        with pytest.raises(NotAllowed):
            service(recurring_id=recurring.pk, actor=designer)
    recurring.refresh_from_db()
    assert (recurring.is_active, occurred(recurring)) == (True, [])


def test_the_database_refuses_an_occurrence_twice():
    recurring = make_recurring()
    [task] = open_recurring(today=TODAY).opened
    task.pk, task.number = None, "T-copy"
    with pytest.raises(IntegrityError, match="staff_task_occurs_once"), transaction.atomic():
        task.save(force_insert=True)
    assert occurred(recurring) == ["2026-03-02"]


def test_the_rhythm_in_words():
    assert RecurringTask(repeat="weekly", weekday=0).rhythm == "Every Monday"
    assert RecurringTask(repeat="monthly", day_of_month=31).rhythm == "Every month on the last day"
    assert RecurringTask(repeat="monthly", day_of_month=5).rhythm == "Every month on day 5"
    assert RecurringTask(repeat="workdays").rhythm == "Every working day"


def test_the_clock_opens_them_from_six_in_the_morning_on():
    make_recurring(next_on=date(2026, 3, 1))
    with time_machine.travel(datetime(2026, 3, 1, 20, 59, tzinfo=UTC), tick=False):  # Monday, one minute to six
        assert open_recurring_tasks() == 0
    with time_machine.travel(datetime(2026, 3, 1, 21, 0, tzinfo=UTC), tick=False):
        assert [open_recurring_tasks(), open_recurring_tasks()] == [1, 0]
        assert [check_shown_creatives(), end_timers_nobody_stopped()] == [0, 0]
