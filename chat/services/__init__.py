"""Everything that writes conversations of the site."""

from chat.services.visiting import (
    Begun,
    ChatMoved,
    Visit,
    begin_chat,
    note_visitor_seen,
    open_conversation,
    say_in_chat,
)

__all__ = ["Begun", "ChatMoved", "Visit", "begin_chat", "note_visitor_seen", "open_conversation", "say_in_chat"]
