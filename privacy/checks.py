"""What must be true of personal data at every commit."""

from core.verify import invariant

invariant(
    "privacy.erasures_end_when_carried_out",
    "an erasure is done when each of its decisions is carried out, and not before",
    """
    SELECT r.id AS request, r.number, r.state, count(d.id) AS decisions
    FROM privacy_datarequest r LEFT JOIN privacy_recorddecision d ON d.request_id = r.id
    WHERE r.kind = 'erasure' AND r.state IN ('decided', 'done')
    GROUP BY r.id HAVING (r.state = 'done') <> (count(d.id) FILTER (WHERE d.done_at IS NULL) = 0)
    """,
)
invariant(
    "privacy.restricted_is_whole_and_locked",
    "what is kept apart was decided to be, and stands locked until it is destroyed",
    """
    SELECT s.id AS restricted, d.record_class, d.outcome
    FROM privacy_restrictedrecord s JOIN privacy_recorddecision d ON d.id = s.decision_id
    WHERE d.outcome <> 'restricted' OR (s.destroyed_at IS NULL AND NOT starts_with(s.contents, 'v1.'))
    """,
)
invariant(
    "privacy.destroyed_when_due",
    "nothing is kept apart five days after its last day",
    """
    SELECT s.id AS restricted, s.keep_until FROM privacy_restrictedrecord s
    WHERE s.destroyed_at IS NULL AND s.keep_until < current_date - 5
    """,
)
