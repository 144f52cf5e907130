"""Colleagues hear that a ticket is theirs."""

from typing import Any

from service.models import Ticket
from staff.models import Topic, User
from staff.services.notifications.notifying import Telling, notify_many


def tell_assigned(ticket: Ticket, user_id: int, *, key: str, actor: User | None = None) -> None:
    """Tell a colleague that the ticket is theirs now, once for each ``key``; without words of the customer."""
    data: dict[str, Any] = {"about": f"service.ticket:{ticket.pk}", "number": ticket.number, "title": ""}
    if actor is not None:
        data["by"] = actor.pk
    notify_many(tellings=[Telling(user_id=user_id, topic=Topic.ASSIGNED, key=key, data=data)])
