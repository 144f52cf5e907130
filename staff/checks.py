"""What must be true of tasks at every commit."""

from core.verify import invariant

invariant(
    "staff.open_span_matches_task",
    "exactly one span of a task is open, and it has the task's status and assignee",
    """
    SELECT t.id AS task, t.number, t.status, coalesce(s.status, '') AS span_status,
           coalesce(t.assignee_id, 0) AS assignee, coalesce(s.assignee_id, 0) AS span_assignee
    FROM staff_task t LEFT JOIN staff_taskspan s ON s.task_id = t.id AND s.ended_at IS NULL
    WHERE s.id IS NULL OR s.status <> t.status OR s.assignee_id IS DISTINCT FROM t.assignee_id
    """,
)
invariant(
    "staff.spans_chain",
    "each span of a task starts when the one before it ended",
    """
    SELECT id AS span, task_id AS task
    FROM (SELECT *, row_number() OVER w AS place, lag(ended_at) OVER w AS ended_before
          FROM staff_taskspan WINDOW w AS (PARTITION BY task_id ORDER BY id)) s
    WHERE place > 1 AND started_at IS DISTINCT FROM ended_before
    """,
)
invariant(
    "staff.approved_by_every_step",
    "what is approved or beyond has an approval of every step for the latest version of every deliverable",
    """
    SELECT t.id AS task, t.number, p.id AS step, d.id AS deliverable, coalesce(r.number, 0) AS version
    FROM staff_task t
    JOIN staff_reviewstep p ON p.task_id = t.id
    JOIN staff_deliverable d ON d.task_id = t.id
    LEFT JOIN LATERAL (SELECT id, number FROM staff_revision
                       WHERE deliverable_id = d.id ORDER BY number DESC LIMIT 1) r ON true
    LEFT JOIN staff_decision c ON c.step_id = p.id AND c.revision_id = r.id
    WHERE t.status IN ('approved', 'delivered', 'live', 'retired') AND c.verdict IS DISTINCT FROM 'approved'
      -- a registration is judged where the product is reviewed; what was uploaded to its task is still judged here
      AND NOT (t.kind IN ('product_registration', 'product_edit') AND r.id IS NULL)
    """,
)
invariant(
    "staff.decisions_within_task",
    "a step decides about versions of its own task",
    """
    SELECT c.id AS decision, p.task_id AS task, d.task_id AS task_of_version
    FROM staff_decision c
    JOIN staff_reviewstep p ON p.id = c.step_id
    JOIN staff_revision r ON r.id = c.revision_id
    JOIN staff_deliverable d ON d.id = r.deliverable_id
    WHERE p.task_id <> d.task_id
    """,
)
invariant(
    "staff.no_dependency_circle",
    "no task waits for itself through others",
    """
    WITH RECURSIVE before (task, id) AS (
        SELECT task_id, depends_on_id FROM staff_taskdependency
        UNION
        SELECT b.task, d.depends_on_id FROM before b JOIN staff_taskdependency d ON d.task_id = b.id
    )
    SELECT task FROM before WHERE task = id
    """,
)
invariant(
    "staff.moments_match_status",
    "what is delivered, begun or closed has its moment, and open work was not delivered or closed",
    """
    SELECT id AS task, number, status
    FROM staff_task
    WHERE (status IN ('delivered', 'live', 'retired') AND delivered_at IS NULL)
       OR (status IN ('retired', 'cancelled') AND closed_at IS NULL)
       OR (status IN ('in_progress', 'in_review', 'changes_requested') AND started_at IS NULL)
       OR (status IN ('draft', 'submitted', 'assigned', 'in_progress', 'in_review', 'changes_requested', 'on_hold')
           AND (delivered_at IS NOT NULL OR closed_at IS NOT NULL))
    """,
)
invariant(
    "staff.stale_is_shown",
    "only what is delivered or live can be stale",
    "SELECT id AS task, number, status FROM staff_task"
    " WHERE stale_at IS NOT NULL AND status NOT IN ('delivered', 'live')",
)
invariant(
    "staff.timers_on_work",
    "timers run only on what somebody works on",
    """
    SELECT e.id AS entry, e.task_id AS task, t.status
    FROM staff_timeentry e JOIN staff_task t ON t.id = e.task_id
    WHERE e.ended_at IS NULL AND t.status NOT IN ('assigned', 'in_progress', 'changes_requested')
    """,
)
invariant(
    "staff.time_is_spent_once",
    "nobody spends the same time on two tasks",
    """
    SELECT id AS entry, user_id AS person
    FROM (SELECT *, lag(coalesce(ended_at, 'infinity')) OVER w AS ended_before
          FROM staff_timeentry WINDOW w AS (PARTITION BY user_id ORDER BY started_at, ended_at, id)) e
    WHERE started_at < ended_before
    """,
)
invariant(
    "staff.recurring_day_lies_ahead",
    "a recurring task's next day has no task yet",
    """
    SELECT r.id AS recurring, r.next_on, t.id AS task
    FROM staff_recurringtask r JOIN staff_task t ON t.recurring_id = r.id AND t.occurs_on = r.next_on
    WHERE r.is_active
    """,
)
invariant(
    "staff.numbers_below_sequence",
    "the next number of a task was never used",
    """
    SELECT s.name AS series, s.next_value, d.highest
    FROM core_sequence s
    JOIN (SELECT max(substr(number, 3)::bigint) AS highest
          FROM staff_task WHERE number ~ '^T-[0-9]+$') d ON s.name = 'staff.task'
    WHERE d.highest >= s.next_value
    """,
)
