"""How the work goes: on time, right at once, who waits for whom. Read from tasks and their spans, set by set."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Now, TruncWeek

from staff.models import Task, TaskSpan, TaskStatus, TimeEntry, User

ON_TIME = Q(due_at__isnull=False, delivered_at__lte=F("due_at"))
JUDGED = Q(approved_at__isnull=False)
_LONG = ExpressionWrapper(Coalesce(F("ended_at"), Now()) - F("started_at"), output_field=DurationField())


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole; without a whole there is no per cent."""

    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        """Return the share in whole per cent, None when nothing was counted."""
        return round(100 * self.part / self.whole) if self.whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFigures:
    """Delivered work of a person, a kind or all: counts, shares, mean rounds, hours by the clock."""

    key: Any
    delivered: int
    on_time: Share
    first_pass: Share
    mean_rounds: float | None
    working_hours: float = 0.0
    waiting_hours: float = 0.0  # in review: waiting for a decision
    estimate_hours: float = 0.0
    tracked_hours: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefFigures:
    """How good somebody's briefs are: work that needed no other round, rounds beyond the limit, days to decide."""

    requester_id: int
    judged: int
    first_pass: Share
    mean_rounds: float | None
    over_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFigures:
    """How long tasks of one role lay unclaimed, in hours by the clock: the middle one, and nine of ten."""

    role: str
    count: int
    median_hours: float
    p90_hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures of one period."""

    total: WorkFigures
    people: Sequence[WorkFigures]
    kinds: Sequence[WorkFigures]
    requesters: Sequence[BriefFigures]
    queues: Sequence[QueueFigures]
    weeks: Sequence[tuple[datetime, Share]]
    users: dict[int, User] = field(default_factory=dict)


def task_figures(*, since: datetime, until: datetime, kind: str = "", role: str = "") -> Figures:
    """Return the figures of work delivered in the period, of one kind or role when given (twelve statements)."""
    delivered = Task.objects.filter(delivered_at__gte=since, delivered_at__lt=until)
    delivered = delivered.filter(**{name: value for name, value in (("kind", kind), ("role", role)) if value})
    people = _work(delivered, "assignee_id")
    kinds = _work(delivered, "kind")
    requesters = _briefs(delivered)
    ids = {row.key for row in people} | {row.requester_id for row in requesters}
    return Figures(
        total=_sum(kinds),
        people=people,
        kinds=kinds,
        requesters=requesters,
        queues=_queues(since, until, kind, role),
        weeks=_weeks(delivered),
        users=User.objects.in_bulk(ids - {None}),
    )


def _work(delivered: QuerySet[Task], by: str) -> list[WorkFigures]:
    """Return the figures by one column of the task, most work first."""
    rows = (
        delivered.order_by()
        .values(by)
        .annotate(
            delivered=Count("pk"),
            with_due=Count("pk", filter=Q(due_at__isnull=False)),
            on_time=Count("pk", filter=ON_TIME),
            judged=Count("pk", filter=JUDGED),
            first_pass=Count("pk", filter=JUDGED & Q(round_count=0)),
            rounds=Avg("round_count", filter=JUDGED),
            estimate=Sum("estimate_minutes"),
        )
        .order_by("-delivered", by)
    )
    tasks = delivered.values("pk")
    spans = TaskSpan.objects.filter(task__in=tasks).order_by().values(f"task__{by}")
    hours = {
        row[f"task__{by}"]: row
        for row in spans.annotate(
            working=Sum(_LONG, filter=Q(status=TaskStatus.IN_PROGRESS)),
            waiting=Sum(_LONG, filter=Q(status=TaskStatus.IN_REVIEW)),
        )
    }
    entries = TimeEntry.objects.filter(task__in=tasks).order_by().values(f"task__{by}")
    tracked = {row[f"task__{by}"]: row["long"] for row in entries.annotate(long=Sum(_LONG))}
    return [
        WorkFigures(
            key=row[by],
            delivered=row["delivered"],
            on_time=Share(row["on_time"], row["with_due"]),
            first_pass=Share(row["first_pass"], row["judged"]),
            mean_rounds=_rounded(row["rounds"]),
            working_hours=_hours(hours.get(row[by], {}).get("working")),
            waiting_hours=_hours(hours.get(row[by], {}).get("waiting")),
            estimate_hours=round(row["estimate"] / 60, 1),
            tracked_hours=_hours(tracked.get(row[by])),
        )
        for row in rows
    ]


def _briefs(delivered: QuerySet[Task]) -> list[BriefFigures]:
    rows = (
        delivered.filter(JUDGED)
        .order_by()
        .values("requester_id")
        .annotate(
            judged=Count("pk"),
            first_pass=Count("pk", filter=Q(round_count=0)),
            rounds=Avg("round_count"),
            over=Count("pk", filter=Q(round_count__gt=F("revision_limit"))),
        )
        .order_by("-judged", "requester_id")
    )
    return [
        BriefFigures(
            requester_id=row["requester_id"],
            judged=row["judged"],
            first_pass=Share(row["first_pass"], row["judged"]),
            mean_rounds=_rounded(row["rounds"]),
            over_limit=row["over"],
        )
        for row in rows
    ]


def _weeks(delivered: QuerySet[Task]) -> list[tuple[datetime, Share]]:
    rows = (
        delivered.filter(due_at__isnull=False)
        .order_by()
        .annotate(week=TruncWeek("delivered_at"))
        .values("week")
        .annotate(whole=Count("pk"), part=Count("pk", filter=ON_TIME))
        .order_by("week")
    )
    return [(row["week"], Share(row["part"], row["whole"])) for row in rows]


def _queues(since: datetime, until: datetime, kind: str, role: str) -> list[QueueFigures]:
    """Return how long tasks lay unclaimed, by role; those that still lie there count with what they lie so far."""
    sql = """
        SELECT t.role, count(*),
               percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (
                   ORDER BY extract(epoch FROM coalesce(s.ended_at, now()) - s.started_at))
        FROM staff_taskspan s JOIN staff_task t ON t.id = s.task_id
        WHERE s.status = 'submitted' AND s.started_at >= %s AND s.started_at < %s
          AND (%s = '' OR t.kind = %s) AND (%s = '' OR t.role = %s)
        GROUP BY t.role ORDER BY t.role
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [since, until, kind, kind, role, role])
        return [
            QueueFigures(
                role=row[0], count=row[1], median_hours=round(row[2][0] / 3600, 1), p90_hours=round(row[2][1] / 3600, 1)
            )
            for row in cursor.fetchall()
        ]


def _sum(rows: Sequence[WorkFigures]) -> WorkFigures:
    judged = sum(row.first_pass.whole for row in rows)
    rounds = sum((row.mean_rounds or 0) * row.first_pass.whole for row in rows)
    return WorkFigures(
        key=None,
        delivered=sum(row.delivered for row in rows),
        on_time=Share(sum(row.on_time.part for row in rows), sum(row.on_time.whole for row in rows)),
        first_pass=Share(sum(row.first_pass.part for row in rows), judged),
        mean_rounds=round(rounds / judged, 2) if judged else None,
        working_hours=round(sum(row.working_hours for row in rows), 1),
        waiting_hours=round(sum(row.waiting_hours for row in rows), 1),
        estimate_hours=round(sum(row.estimate_hours for row in rows), 1),
        tracked_hours=round(sum(row.tracked_hours for row in rows), 1),
    )


def _hours(long: timedelta | None) -> float:
    return round(long.total_seconds() / 3600, 1) if long else 0.0


def _rounded(value: Any) -> float | None:
    return None if value is None else round(float(value), 2)
