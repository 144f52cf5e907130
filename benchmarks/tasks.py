"""Board, my day, calendar and list over 200,000 tasks, of which 3,000 are open.

    python -m benchmarks tasks [--tasks 200000] [--open 3000] [--rounds 9]

Server time is that of whole requests through every middleware, warm, with badges counted afresh; the median counts.
As the EC manager (who decides, directs and sees everything) and as a designer with 60 tasks of her own.
"""

# ruff: noqa: E501  statements read better whole
import argparse
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from benchmarks.order_list import MS, page_cost, statements
from benchmarks.people import manager
from benchmarks.report import Figure, publish
from benchmarks.server import owner
from staff.models import Role, Task, TaskGroup, TaskKind, User
from staff.services import set_user_roles

QUERIES = 12
PEOPLE = 50
LIST = "/admin/staff/task/"

_CHANCE = """
CREATE OR REPLACE FUNCTION pg_temp.chance(n bigint, draw int) RETURNS float LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (hashint8extended(n, draw) & 2147483647)::float / 2147483648
$$
"""
# the newest are open; deadlines of open ones lie around today, those of closed ones go back two years
_TASKS = """
WITH drawn AS (
    SELECT n, n > %(count)s - %(open)s AS is_open, pg_temp.chance(n, 1) AS fate, pg_temp.chance(n, 2) AS who,
           pg_temp.chance(n, 3) AS kind_at, pg_temp.chance(n, 4) AS press, pg_temp.chance(n, 5) AS late,
           now() - make_interval(secs => (%(count)s - n) * %(step)s) AS requested_at
    FROM generate_series(1, %(count)s::bigint) AS n
), told AS (
    SELECT drawn.*, CASE
        WHEN NOT is_open THEN CASE WHEN fate < 0.05 THEN 'cancelled' WHEN fate < 0.35 THEN 'live' WHEN fate < 0.7 THEN 'retired' ELSE 'delivered' END
        WHEN fate < 0.25 THEN 'submitted' WHEN fate < 0.45 THEN 'assigned' WHEN fate < 0.70 THEN 'in_progress'
        WHEN fate < 0.82 THEN 'in_review' WHEN fate < 0.92 THEN 'changes_requested' WHEN fate < 0.96 THEN 'approved'
        ELSE 'on_hold' END AS status,
        (%(kinds)s::text[])[1 + floor(kind_at * kind_at * cardinality(%(kinds)s::text[]))::int] AS kind,
        (%(people)s::bigint[])[1 + floor(who * cardinality(%(people)s::bigint[]))::int] AS person,
        now() + make_interval(hours => floor((late - 0.25) * 24 * 40)::int) AS open_due
    FROM drawn
)
INSERT INTO staff_task (number, kind, title, brief, status, resume_status, priority, role, requester_id, assignee_id,
    group_id, subject_label, go_live_on, due_at, estimate_minutes, shown_currency, stale_reason, usage_rights,
    revision_limit, round_count, submitted_at, assigned_at, is_claimed, started_at, approved_at, delivered_at,
    closed_at, search_text, created_at, updated_at, status_since, touched_at)
SELECT 'T-' || to_char(n, 'FM0000000'), kind, 'Banner for campaign ' || n %% 977 || ', 겨울 세일 ' || n %% 31, '{"message": "Sale"}',
    status, CASE status WHEN 'on_hold' THEN 'in_progress' ELSE '' END, 1 + floor(press * press * 4)::int,
    CASE WHEN kind IN ('banner', 'photo') THEN 'designer' WHEN kind = 'stock_check' THEN 'warehouse' ELSE 'merchandiser' END,
    CASE WHEN n %% 3 = 0 THEN %(boss)s ELSE person END, CASE WHEN status <> 'submitted' THEN person END,
    CASE WHEN is_open AND n %% 4 = 0 THEN (%(groups)s::bigint[])[1 + (n %% cardinality(%(groups)s::bigint[]))::int] END,
    'Wool coat ' || n %% 500, CASE WHEN n %% 2 = 0 THEN (CASE WHEN is_open THEN open_due ELSE requested_at + interval '9 days' END)::date END,
    CASE WHEN is_open THEN open_due ELSE requested_at + interval '5 days' END, 120, '', '', '', 3, floor(late * 3)::int,
    requested_at, requested_at, false, requested_at, CASE WHEN NOT is_open OR status = 'approved' THEN requested_at + interval '3 days' END,
    CASE WHEN NOT is_open AND status <> 'cancelled' THEN least(requested_at + interval '4 days', now()) END,
    CASE WHEN status IN ('retired', 'cancelled') THEN least(requested_at + interval '6 days', now()) END,
    lower('T-' || to_char(n, 'FM0000000') || ' Banner for campaign ' || n %% 977 || ' 겨울 세일 wool coat ' || n %% 500),
    requested_at, requested_at, requested_at, requested_at
FROM told ORDER BY n
"""
_PARTS = [
    "INSERT INTO staff_deliverable (task_id, title, position) SELECT id, '', 0 FROM staff_task",
    "INSERT INTO staff_reviewstep (task_id, position, role) SELECT id, step, CASE step WHEN 0 THEN 'ec_manager' ELSE 'cs_lead' END FROM staff_task, generate_series(0, 1) AS step WHERE kind IN ('banner', 'photo', 'copy')",
    """INSERT INTO staff_revision (deliverable_id, number, file, filename, text, sha256, size_bytes, uploaded_by_id, uploaded_at, state, format, findings, problem, preview_path, thumbnail_path, checked_at)
    SELECT d.id, 1, 'creatives/' || d.id || '.png', 'banner.png', '', '', 1000, t.assignee_id, now(), 'fits', 'png', '[]', '', 'p/' || d.id || '.png', 't/' || d.id || '.png', now()
    FROM staff_deliverable d JOIN staff_task t ON t.id = d.task_id WHERE t.status NOT IN ('submitted', 'assigned') AND t.assignee_id IS NOT NULL""",
    """INSERT INTO staff_decision (step_id, revision_id, verdict, note, by_id, at)
    SELECT s.id, r.id, 'approved', '', %(boss)s, now() FROM staff_reviewstep s JOIN staff_deliverable d ON d.task_id = s.task_id JOIN staff_revision r ON r.deliverable_id = d.id
    JOIN staff_task t ON t.id = s.task_id WHERE t.approved_at IS NOT NULL OR (t.status = 'in_review' AND s.position = 0 AND t.id %% 3 = 0)""",
    "INSERT INTO staff_taskdependency (task_id, depends_on_id) SELECT id, id - 7 FROM staff_task WHERE id %% 9 = 0 AND status = 'assigned' AND EXISTS (SELECT FROM staff_task b WHERE b.id = staff_task.id - 7)",
    "INSERT INTO staff_leave (user_id, starts_on, ends_on, kind) SELECT id, current_date - 2, current_date + 3, 'vacation' FROM unnest((%(people)s::bigint[])[1:6]) AS id",
]


def fill(count: int, still_open: int, boss: User) -> None:
    """Replace all tasks by ``count`` new ones with versions, steps and decisions."""
    people = [_person(number) for number in range(PEOPLE)]
    groups = [
        TaskGroup.objects.get_or_create(
            name=f"Campaign {n}", defaults={"go_live_on": timezone.localdate(), "owner": boss}
        )[0].pk
        for n in range(20)
    ]
    parameters: dict[str, Any] = {
        "count": count,
        "open": still_open,
        "step": 730 * 86400 / count,
        "kinds": TaskKind.values,
        "people": people,
        "groups": groups,
        "boss": boss.pk,
    }
    with owner() as database, database.cursor() as cursor:
        cursor.execute("TRUNCATE staff_task, staff_leave CASCADE")
        cursor.execute(_CHANCE)
        cursor.execute(_TASKS, parameters)
        for statement in _PARTS:
            cursor.execute(statement, parameters)
        for table in ("task", "deliverable", "reviewstep", "revision", "decision", "taskdependency", "leave"):
            cursor.execute(f"VACUUM ANALYZE staff_{table}")


def _person(number: int) -> int:
    defaults = {"is_staff": True, "first_name": "서연", "last_name": f"김{number}", "language": "en"}
    user, made = User.objects.get_or_create(username=f"bench{number}", defaults=defaults)
    if made:
        role = (Role.DESIGNER, Role.DESIGNER, Role.MERCHANDISER, Role.WAREHOUSE, Role.CS_LEAD)[number % 5]
        user.groups.add(Group.objects.get(name=role))
    return user.pk


def designer() -> Client:
    """Return a client logged in as a designer who has tasks."""
    user = User.objects.get(username="bench0")
    set_user_roles(user_id=user.pk, roles=[Role.DESIGNER], actor=None)
    client = Client(HTTP_HOST="localhost", raise_request_exception=True)
    client.force_login(user)
    return client


def pages() -> dict[str, str]:
    """Return the addresses by what they show."""
    return {
        "my day": "/admin/my-day/",
        "board": "/admin/board/",
        "board: my tasks": "/admin/board/?mine=1",
        "board: banners": "/admin/board/?kind=banner",
        "board: one column, 200 cards": "/admin/board/?column=in_progress",
        "calendar: month": "/admin/task-calendar/",
        "calendar: week": "/admin/task-calendar/?view=week",
        "calendar: a day": "/admin/task-calendar/?view=day",
        "list: first tab": LIST,
        "list: all": f"{LIST}?tab=all",
        "list: overdue": f"{LIST}?tab=overdue",
        "list: for my decision": f"{LIST}?tab=decide",
        "search: a number": f"{LIST}?tab=all&q=T-0100000",
        "search: 세일": f"{LIST}?tab=all&q=세일",
    }


def main() -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks tasks")
    parser.add_argument("--tasks", type=int, default=200_000)
    parser.add_argument("--open", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--again", action="store_true", help="make the tasks again")
    options = parser.parse_args()
    user, client = manager()
    if options.again or Task.objects.count() != options.tasks:
        print(f"making {options.tasks:,} tasks ...", flush=True)
        fill(options.tasks, options.open, user)
    figures, most = [], 0
    for who, seen in (("manager", client), ("designer", designer())):
        for name, url in pages().items():
            cost, _tries = page_cost(seen, url, options.rounds)
            asked = statements(seen, url)
            most = max(most, asked)
            processor = cost.python + cost.database
            note = f"{processor:.0f} ({cost.python:.0f} + {cost.database:.0f}), {asked} statements"
            figures.append(Figure(f"{who}, {name}", cost.clock, "ms", MS, note, processor))
    figures.append(Figure("most statements of a page", most, "", QUERIES))
    about = f"{options.tasks:,} tasks, {options.open:,} open, medians of {options.rounds}, warm"
    return publish("tasks", figures, about, "processor ms (Python + PostgreSQL), statements")
