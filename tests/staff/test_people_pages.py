"""The pages of people's time: load, leave, calendars, profiles."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from staff.models import Holiday, Leave, Task, WorkCalendar, WorkProfile
from staff.services import assign_task, sync_calendars
from tests.admin.pressing import press, press_many, said
from tests.staff.making import make_colleague, make_task

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)


@pytest.fixture
def monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def manager(client):
    user = make_colleague("ec_manager", first_name="Mina")
    client.force_login(user)
    return user


def text(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.usefixtures("monday")
class TestLoad:
    """admin:staff_load."""

    url = "/admin/load/"

    def test_it_shows_people_weeks_and_what_waits(self, client, manager):
        ann = make_colleague(first_name="Ann", last_name="Lee")
        task = make_task(by=manager, title="Spring banner", due_at=FRIDAY, estimate_minutes=2520)
        assign_task(task_id=task.pk, assignee_id=ann.pk, actor=manager)
        Leave.objects.create(user=ann, starts_on=date(2026, 3, 10), ends_on=date(2026, 3, 11))
        make_task(by=manager, title="Photo of a bag", kind="photo", due_at=FRIDAY)

        page = client.get(self.url)

        people = {person.row.user: person for person in page.context["people"]}
        assert [(cell.label, cell.level, cell.width) for cell in people[ann].cells] == [
            ("120%", "over", 100),
            ("0%", "free", 0),
            ("0%", "free", 0),
            ("0%", "free", 0),
        ]
        assert people[ann].cells[0].words == "42 of 35 h"
        assert "2 days away" in text(page)
        assert "Spring banner" not in text(page)  # it comes when the line is opened
        assert f'hx-get="?person={ann.pk}"' in text(page)
        [waiting] = page.context["waiting"]
        assert (waiting.task.title, waiting.suggestion.user, waiting.hours) == ("Photo of a bag", ann, "1")
        assert page.context["weeks"][0][0] == "This week"

    def test_what_somebody_has_to_do_comes_when_the_line_is_opened(self, client, manager):
        ann = make_colleague(first_name="Ann", last_name="Lee")
        for title, due_at in (("Spring banner", FRIDAY), ("Some day", None)):
            task = make_task(by=manager, title=title, due_at=due_at, estimate_minutes=90)
            assign_task(task_id=task.pk, assignee_id=ann.pk, actor=manager)

        part = text(client.get(f"{self.url}?person={ann.pk}"))

        assert ("Spring banner" in part, "Without a deadline" in part, "Some day" in part) == (True, True, True)
        assert part.count("1.5 h") == 2
        assert "<html" not in part
        assert "Nothing to do in these weeks." in text(client.get(f"{self.url}?person={manager.pk}"))
        assert client.get(f"{self.url}?person=999999").status_code == 404
        assert client.get(f"{self.url}?person=x").status_code == 400

    def test_one_click_gives_to_who_is_suggested(self, client, manager):
        designer, task = make_colleague(first_name="Ann"), make_task(by=manager)
        answer = client.post(f"{self.url}?role=designer", {"task": task.pk, "assignee": designer.pk})
        assert (answer.status_code, answer.url) == (302, f"{self.url}?role=designer")
        assert said(answer) == [f"{task.number} is given to Ann."]
        task.refresh_from_db()
        assert task.assignee == designer

    def test_what_somebody_took_meanwhile_is_not_taken_away(self, client, manager):
        fast, suggested, task = make_colleague(first_name="Zoe"), make_colleague(), make_task(by=manager)
        assign_task(task_id=task.pk, assignee_id=fast.pk, actor=manager)
        answer = client.post(self.url, {"task": task.pk, "assignee": suggested.pk})
        assert said(answer) == ["Zoe was faster: the task is already taken."]
        task.refresh_from_db()
        assert task.assignee == fast

    def test_all_that_are_shown_are_given_those_of_the_role_only(self, client, manager):
        designer = make_colleague()
        banners = [make_task(by=manager) for _ in range(2)]
        count = make_task(by=manager, kind="stock_check")
        answer = client.post(f"{self.url}?role=designer")
        assert said(answer) == ["2 tasks are given."]
        assert set(Task.objects.filter(pk__in=[task.pk for task in banners]).values_list("assignee", flat=True)) == {
            designer.pk
        }
        count.refresh_from_db()
        assert count.assignee is None
        client.get(self.url)  # shows the message
        assert said(client.post(self.url)) == [f"{count.number}: Nobody of this role is there until it is due."]

    def test_odd_input_is_refused_and_changes_nothing(self, client, manager):
        task = make_task(by=manager)
        assert client.post(self.url, {"task": "x", "assignee": "1"}).status_code == 400
        assert client.get(f"{self.url}?role=king").status_code == 200
        task.refresh_from_db()
        assert task.status == "submitted"

    def test_others_may_not_look(self, client):
        client.force_login(make_colleague())
        assert client.get(self.url).status_code == 403

    def test_nobody_and_nothing(self, client, manager):
        type(manager).objects.exclude(pk=manager.pk).delete()
        page = text(client.get(f"{self.url}?role=designer"))
        assert "Nobody works on tasks yet" in page
        assert "Every task is taken." in page

    def test_the_queries_do_not_grow(self, client, manager, django_assert_max_num_queries):
        sync_calendars(today=MONDAY.date())

        def grow() -> None:
            for _ in range(3):
                task = make_task(by=manager, due_at=FRIDAY)
                assign_task(task_id=task.pk, assignee_id=make_colleague().pk, actor=manager)
                make_task(by=manager, due_at=FRIDAY)

        grow()
        client.get(self.url)
        with django_assert_max_num_queries(60) as few:
            client.get(self.url)
        grow()
        with django_assert_max_num_queries(60) as many:
            client.get(self.url)
        assert len(few) == len(many)

    def test_ticked_tasks_go_to_those_suggested(self, client, manager):
        designer, tasks = make_colleague(), [make_task(by=manager) for _ in range(2)]
        answer = press_many(client, Task, "give_suggested", [task.pk for task in tasks])
        assert said(answer) == ["2 done"]
        assert set(Task.objects.values_list("assignee", flat=True)) == {designer.pk}


class TestLeave:
    """Everybody's own, all for who directs."""

    add_url = "/admin/staff/leave/add/"
    days = {"starts_on": "2026-03-09", "ends_on": "2026-03-10", "kind": "vacation"}

    def test_own_leave_is_entered_whatever_person_is_posted(self, client):
        me, other = make_colleague(), make_colleague()
        client.force_login(me)
        assert client.get(self.add_url).status_code == 200
        answer = client.post(self.add_url, {**self.days, "user": other.pk})
        assert answer.status_code == 302, text(answer)
        assert list(Leave.objects.values_list("user", flat=True)) == [me.pk]

    def test_who_directs_enters_anybodys(self, client, manager):
        other = make_colleague()
        answer = client.post(self.add_url, {**self.days, "user": other.pk})
        assert answer.status_code == 302, text(answer)
        assert Leave.objects.get().user == other

    def test_overlapping_days_come_back_with_the_sentence(self, client, manager):
        for _ in range(2):
            answer = client.post(self.add_url, {**self.days, "user": manager.pk})
        assert "Mina is already away from" in text(answer)
        assert Leave.objects.count() == 1

    def test_people_see_their_own_only(self, client):
        me, other = make_colleague(), make_colleague()
        mine, theirs = (
            Leave.objects.create(user=user, starts_on=date(2026, 3, 9), ends_on=date(2026, 3, 9))
            for user in (me, other)
        )
        client.force_login(me)
        assert client.get(reverse("admin:staff_leave_change", args=[mine.pk])).status_code == 200
        assert client.get(reverse("admin:staff_leave_change", args=[theirs.pk])).status_code == 302
        assert press(client, theirs, "take_back").status_code == 404
        page = client.get("/admin/staff/leave/?tab=all")
        assert [row.pk for row in page.context["cl"].result_list] == [mine.pk]

    def test_days_change_and_leave_is_taken_back_by_buttons(self, client, manager):
        leave = Leave.objects.create(user=manager, starts_on=date(2026, 3, 9), ends_on=date(2026, 3, 9))
        press(client, leave, "move", starts_on="2026-03-10", ends_on="2026-03-12")
        leave.refresh_from_db()
        assert (leave.starts_on, leave.ends_on) == (date(2026, 3, 10), date(2026, 3, 12))
        answer = press(client, leave, "take_back")
        assert (answer.url, said(answer)[-1]) == ("/admin/staff/leave/", "The leave is taken back.")
        assert not Leave.objects.exists()


class TestCalendars:
    """Hours and holidays."""

    @pytest.fixture
    def calendar(self, manager):
        return WorkCalendar.objects.create(code="own", name="Own", country="KR", is_default=True)

    def save(self, client, calendar, hours=(), holidays=(), **over):
        page = client.get(reverse("admin:staff_workcalendar_change", args=[calendar.pk])).context["adminform"].form
        data = {"code": "own", "name": "Own", "country": "KR", "_opened": page.fresh_token or ""}
        url = reverse("admin:staff_workcalendar_change", args=[calendar.pk])
        html = client.get(url).content.decode()
        data["_opened"] = html.split('name="_opened" value="')[1].split('"')[0].replace("&quot;", '"')
        for prefix, rows in (("hours", hours), ("holidays", holidays)):
            initial = sum("id" in row for row in rows)
            data |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
            for place, row in enumerate(rows):
                data |= {f"{prefix}-{place}-calendar": calendar.pk}
                data |= {f"{prefix}-{place}-{name}": value for name, value in row.items()}
        return client.post(url, {**data, **over})

    def test_a_split_shift_is_saved_and_overlap_refused(self, client, calendar):
        morning = {"weekday": 0, "opens_at": "09:00", "closes_at": "12:00"}
        evening = {"weekday": 0, "opens_at": "18:00", "closes_at": "21:00"}
        answer = self.save(client, calendar, [morning, {**evening, "opens_at": "11:00"}])
        assert "Hours of one day overlap" in text(answer)
        assert calendar.hours.count() == 0

        answer = self.save(client, calendar, [morning, evening])
        assert answer.status_code == 302, text(answer)
        assert list(calendar.hours.values_list("opens_at", flat=True)) == [time(9), time(18)]

    def test_hours_go_holidays_stay(self, client, calendar):
        span = calendar.hours.create(weekday=0, opens_at=time(9), closes_at=time(12))
        day = calendar.holidays.create(on=timezone.localdate(), name="Free")
        hours = {"id": span.pk, "weekday": 0, "opens_at": "09:00", "closes_at": "12:00", "DELETE": "on"}
        holiday = {"id": day.pk, "on": day.on.isoformat(), "name": "Free", "is_worked": "on", "DELETE": "on"}
        answer = self.save(client, calendar, [hours], [holiday])
        assert answer.status_code == 302, text(answer)
        assert calendar.hours.count() == 0
        assert Holiday.objects.get().is_worked is True

    def test_the_shops_own_is_chosen_and_holidays_filled_in_by_buttons(self, client, calendar):
        other = WorkCalendar.objects.create(code="jp", name="Japan", country="JP")
        press(client, other, "choose")
        assert list(WorkCalendar.objects.filter(is_default=True)) == [other]
        assert "holidays were added" in said(press(client, other, "fill"))[-1]
        assert other.holidays.count() > 30
        assert calendar.holidays.count() == 0

    def test_lists_open(self, client, calendar):
        sync_calendars()
        assert "Own" in text(client.get("/admin/staff/workcalendar/"))


def test_a_profile_is_entered(client, manager):
    designer, calendar = make_colleague(), WorkCalendar.objects.create(code="own", name="Own")
    data = {"user": designer.pk, "skills": ["banner", "photo"], "daily_minutes": 300, "calendar": calendar.pk}
    answer = client.post("/admin/staff/workprofile/add/", data)
    assert answer.status_code == 302, text(answer)
    profile = WorkProfile.objects.get()
    assert (profile.user, profile.skills, profile.daily_minutes) == (designer, ["banner", "photo"], 300)
    assert "Banner, Photo" in text(client.get("/admin/staff/workprofile/"))
    answer = client.post("/admin/staff/workprofile/add/", {**data, "user": manager.pk, "delegate": manager.pk})
    assert answer.status_code == 200
    assert WorkProfile.objects.count() == 1
