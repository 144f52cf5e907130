"""What the chat keeps: its words are messages of tickets, not rows of its own."""

from chat.models.widget import Conversation, Widget

__all__ = ["Conversation", "Widget"]
