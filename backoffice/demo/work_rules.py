"""Who works when, what recurs, and further colleagues who share the work."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from backoffice.demo.colleagues import colleagues, hire
from backoffice.demo.vocabulary import load
from staff.models import RecurringTask, Repeat, TaskKind, TaskTemplate, User, WorkCalendar, WorkProfile
from staff.selectors.briefs import BRIEF_FIELDS
from staff.services import sync_task_seeds
from staff.services.people.calendars import sync_calendars
from staff.services.people.leaving import add_leave


def set_up_work() -> None:
    """Hire who shares the work; make calendars, profiles, templates, leave and what comes back every week."""
    today = timezone.localdate()
    for entry in load("work")["colleagues"]:
        hire(entry)
    sync_task_seeds()
    sync_calendars(today=today)
    team = workers()
    for entry in load("work")["profiles"]:
        _profile(team, entry)
    japan = WorkCalendar.objects.filter(country="JP").first()
    for user in team.values():
        if user.time_zone == "Asia/Tokyo":
            WorkProfile.objects.update_or_create(user=user, defaults={"calendar": japan})
    manager = team["manager"]
    monday = today + timedelta(days=7 - today.weekday())
    away = monday + timedelta(days=2)
    add_leave(user_id=team["designer.aoi"].pk, starts_on=away, ends_on=away + timedelta(days=2), actor=manager)
    for title, code, assignee, weekday in [
        ("주간 재고 점검", "stock-weekly-count", "warehouse", 0),
        ("네이버·쿠팡 가격 점검", "edit-price-and-page", "merchandiser", 3),
    ]:
        template = TaskTemplate.objects.get(code=code)
        RecurringTask.objects.create(
            title=title,
            template=template,
            requester=manager,
            assignee=team[assignee],
            repeat=Repeat.WEEKLY,
            weekday=weekday,
            next_on=monday + timedelta(days=weekday),
            brief=answers(template.kind),
        )


def answers(kind: str) -> dict[str, str]:
    """Return what a brief of this kind says where it must say something."""
    words = load("work")["answers"]
    return {field.key: words[field.key] for field in BRIEF_FIELDS[TaskKind(kind)] if field.is_required}


def workers() -> dict[str, User]:
    """Return all demo users by user name."""
    names = [entry["username"] for entry in load("work")["colleagues"]]
    return {**colleagues(), **{user.username: user for user in User.objects.filter(username__in=names)}}


def _profile(team: dict[str, User], entry: dict[str, Any]) -> None:
    WorkProfile.objects.update_or_create(
        user=team[entry["username"]],
        defaults={
            "skills": entry["skills"],
            "daily_minutes": entry["daily_minutes"],
            "delegate": team[entry["delegate"]] if entry["delegate"] else None,
        },
    )
