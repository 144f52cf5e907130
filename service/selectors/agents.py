"""Who of customer service is there, what they can take, and how much they have."""

import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, TextChoices
from django.utils.translation import pgettext_lazy

from service.models import AgentProfile, Availability, Team, Ticket
from staff.models import Leave, User
from staff.selectors.roles import users_with_permission
from staff.selectors.working_time import working_times

WORK = "service.work_on_ticket"


class Obstacle(TextChoices):
    """Why somebody does not get a ticket."""

    CLOSED = "closed", pgettext_lazy("obstacle", "does not answer tickets any more")
    LEAVE = "leave", pgettext_lazy("obstacle", "on leave")
    AWAY = "away", pgettext_lazy("obstacle", "away")
    PAUSED = "paused", pgettext_lazy("obstacle", "takes nothing new")
    OFF_HOURS = "off_hours", pgettext_lazy("obstacle", "outside of working hours")
    LANGUAGE = "language", pgettext_lazy("obstacle", "does not have the language")
    SKILL = "skill", pgettext_lazy("obstacle", "does not have the skill")
    FULL = "full", pgettext_lazy("obstacle", "has no room")


GONE = frozenset({Obstacle.CLOSED, Obstacle.LEAVE, Obstacle.AWAY})  # their tickets do not wait for them


@dataclass(kw_only=True)
class Agent:
    """A colleague as rules see one at a moment; ``load`` are the tickets of theirs that wait for us."""

    profile: AgentProfile
    team_ids: frozenset[int]
    absence: Obstacle | None
    load: int

    @property
    def user(self) -> User:
        """The colleague."""
        return self.profile.user

    @property
    def user_id(self) -> int:
        """The colleague's id."""
        return self.profile.user_id

    @property
    def room(self) -> int:
        """How many more tickets rules may give."""
        return max(0, self.profile.capacity - self.load)

    @property
    def percent(self) -> int:
        """How full the desk is, at most 100."""
        return min(100, round(self.load * 100 / self.profile.capacity)) if self.profile.capacity else 100


def agents_at(now: datetime) -> dict[int, Agent]:
    """Return everybody with a profile by user id, in the order of the ids (five statements, three more for hours)."""
    profiles = list(AgentProfile.objects.select_related("user").order_by("user_id"))
    ids = [profile.user_id for profile in profiles]
    allowed = set(users_with_permission(WORK).filter(pk__in=ids).values_list("pk", flat=True))
    allowed |= {profile.user_id for profile in profiles if profile.user.is_superuser and profile.user.is_active}
    teams: dict[int, set[int]] = {}
    for team, user in Team.objects.filter(members__in=ids).values_list("pk", "members"):
        teams.setdefault(user, set()).add(team)
    mine = Ticket.objects.to_answer().filter(assignee__in=ids).order_by().values("assignee")
    loads = dict(mine.annotate(count=Count("pk")).values_list("assignee", "count"))
    away = _on_leave(profiles, now)
    off = _off_hours(profiles, now)
    return {
        profile.user_id: Agent(
            profile=profile,
            team_ids=frozenset(teams.get(profile.user_id, ())),
            absence=_absence(profile, now, allowed=allowed, away=away, off=off),
            load=loads.get(profile.user_id, 0),
        )
        for profile in profiles
    }


def _absence(
    profile: AgentProfile, now: datetime, *, allowed: set[int], away: set[int], off: set[int]
) -> Obstacle | None:
    state = profile.state_at(now)
    if profile.user_id not in allowed:
        return Obstacle.CLOSED
    if profile.user_id in away:
        return Obstacle.LEAVE
    if state == Availability.AWAY:
        return Obstacle.AWAY
    if state == Availability.PAUSED:
        return Obstacle.PAUSED
    return Obstacle.OFF_HOURS if profile.user_id in off else None


def _on_leave(profiles: Iterable[AgentProfile], now: datetime) -> set[int]:
    """Return who is on leave on the day that it is where they live."""
    days = {row.user_id: now.astimezone(zoneinfo.ZoneInfo(row.user.time_zone)).date() for row in profiles}
    if not days:
        return set()
    rows = Leave.objects.filter(user__in=days, starts_on__lte=max(days.values()), ends_on__gte=min(days.values()))
    return {
        user for user, first, last in rows.values_list("user_id", "starts_on", "ends_on") if first <= days[user] <= last
    }


def _off_hours(profiles: Iterable[AgentProfile], now: datetime) -> set[int]:
    kept = [profile.user for profile in profiles if profile.keeps_hours]
    return {user_id for user_id, time in working_times(kept).items() if not time.is_open(now)} if kept else set()
