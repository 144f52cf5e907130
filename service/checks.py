"""What must be true of tickets at every commit."""

from core.verify import invariant

invariant(
    "service.messages_counted",
    "a ticket counts its messages, those taken back left out",
    """
    SELECT t.id AS ticket_id, t.number, t.message_count, coalesce(m.count, 0) AS messages
    FROM service_ticket t
    LEFT JOIN (SELECT m.ticket_id, count(*) AS count FROM service_message m
               LEFT JOIN service_outgoing o ON o.message_id = m.id
               WHERE o.state IS DISTINCT FROM 'undone' GROUP BY m.ticket_id) m ON m.ticket_id = t.id
    WHERE t.message_count <> coalesce(m.count, 0)
    """,
)
invariant(
    "service.merged_one_step",
    "a ticket is merged into one that stands for itself",
    """
    SELECT t.id AS ticket_id, t.number, i.number AS into_number
    FROM service_ticket t JOIN service_ticket i ON i.id = t.merged_into_id WHERE i.merged_into_id IS NOT NULL
    """,
)
invariant(
    "service.solved_has_reason",
    "whoever settles a ticket says why the customer wrote",
    """
    SELECT id AS ticket_id, number FROM service_ticket
    WHERE status IN ('resolved', 'closed') AND merged_into_id IS NULL AND reason_id IS NULL
    """,
)
invariant(
    "service.reasons_merged_one_step",
    "a merged reason points to one that counts for itself",
    """
    SELECT r.id AS reason_id, r.code FROM service_reasonnode r
    JOIN service_reasonnode i ON i.id = r.merged_into_id WHERE i.merged_into_id IS NOT NULL
    """,
)
invariant(
    "service.only_answers_leave",
    "what is owed to customers is a message of ours",
    """
    SELECT o.id AS outgoing_id, m.id AS message_id FROM service_outgoing o
    JOIN service_message m ON m.id = o.message_id WHERE m.direction <> 'outbound'
    """,
)
invariant(
    "service.macro_uses_counted",
    "a macro counts how often it was used",
    """
    SELECT m.id AS macro_id, m.name, m.use_count, coalesce(u.count, 0) AS uses
    FROM service_macro m LEFT JOIN (SELECT macro_id, count(*) AS count FROM service_macrouse GROUP BY 1) u
      ON u.macro_id = m.id WHERE m.use_count <> coalesce(u.count, 0)
    """,
)
invariant(
    "service.merges_recorded",
    "a merge that runs points where the ticket does",
    """
    SELECT g.id AS merge_id, t.number FROM service_ticketmerge g JOIN service_ticket t ON t.id = g.ticket_id
    WHERE g.undone_at IS NULL AND t.merged_into_id IS DISTINCT FROM g.into_id
    """,
)
invariant(
    "service.approvals_asked",
    "an answer waits as long as nobody decided, and leaves only when somebody approved it",
    """
    SELECT o.id AS outgoing_id, o.state, coalesce(a.decision, 'not asked') AS decision
    FROM service_outgoing o LEFT JOIN service_replyapproval a ON a.outgoing_id = o.id
    WHERE (o.wants_approval OR a.id IS NOT NULL) AND (
        a.id IS NULL OR NOT o.wants_approval
        OR (o.state = 'awaiting') <> (a.decision = '')
        OR (o.approved_at IS NOT NULL) <> (a.decision = 'approved'))
    """,
)
invariant(
    "service.approved_words_leave",
    "what leaves are the words and files that were approved",
    """
    SELECT a.id AS approval_id, m.id AS message_id
    FROM service_replyapproval a
    JOIN service_outgoing o ON o.id = a.outgoing_id JOIN service_message m ON m.id = o.message_id
    WHERE a.decision IN ('', 'approved') AND m.body <> '' AND a.sha256 <> encode(sha256(convert_to(array_to_string(
        ARRAY[m.recipient, m.subject, m.body]::text[]
        || ARRAY(SELECT f.sha256::text FROM service_attachment f WHERE f.message_id = m.id ORDER BY f.id), chr(31)
    ), 'UTF8')), 'hex')
    """,
)
