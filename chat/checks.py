"""What must be true of chats at every commit."""

from core.verify import invariant

invariant(
    "chat.conversations_said_what_they_count",
    "the last message that a visitor's conversation counts stands in a ticket",
    """
    SELECT c.id AS conversation_id, c.said_count
    FROM chat_conversation c JOIN chat_widget w ON w.id = c.widget_id
    WHERE NOT EXISTS (SELECT 1 FROM service_message m
                      WHERE m.inlet_id = w.inlet_id AND m.external_id = c.key || '.' || c.said_count)
    """,
)
invariant(
    "chat.answers_stay_in_chats",
    "an answer is shown in a chat only where the visitor wrote what it answers",
    """
    SELECT o.id AS outgoing_id, m.id AS message_id
    FROM service_outgoing o JOIN service_message m ON m.id = o.message_id
    WHERE o.way = 'chat' AND NOT EXISTS (
        SELECT 1 FROM service_message q JOIN service_inlet i ON i.id = q.inlet_id
        WHERE q.message_id = m.in_reply_to AND m.in_reply_to <> '' AND q.direction = 'inbound' AND i.kind = 'chat')
    """,
)
