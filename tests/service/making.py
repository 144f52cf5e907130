"""Inlets, people of customer service, and messages that come in."""

from itertools import count
from typing import Any

from service.models import Inlet, InletKind, Message, ReasonNode, Ticket
from service.services import Incoming, take_message
from staff.models import User
from tests.factories import make_user

_numbers = count(1)
WORK = ("service.view_ticket", "service.work_on_ticket", "service.add_ticket")


def make_inlet(**over: Any) -> Inlet:
    """Make a mailbox, or another inlet."""
    number = next(_numbers)
    kind = over.get("kind", InletKind.EMAIL)
    address = f"help{number}@shop.example" if kind == InletKind.EMAIL else ""
    return Inlet.objects.create(
        **{"code": f"inlet-{number}", "name": f"Help {number}", "kind": kind, "address": address, **over}
    )


def make_agent(**over: Any) -> User:
    """Make a colleague who answers."""
    return make_user(permissions=WORK, **over)


def make_lead(**over: Any) -> User:
    """Make a colleague who directs."""
    return make_user(permissions=[*WORK, "service.direct_ticket"], **over)


def write(inlet: Inlet | None = None, body: str = "Where is my parcel?", **over: Any) -> Message:
    """Let somebody write; return the message."""
    number = next(_numbers)
    values = {
        "external_id": f"<{number}@mail.example>",
        "message_id": f"{number}@mail.example",
        "subject": "Parcel",
        "sender_name": "Kim Minjun",
        "sender_address": "minjun@mail.example",
    }
    incoming = Incoming(**{**values, "body": body, **over})
    return take_message(inlet_id=(inlet or make_inlet()).pk, incoming=incoming).message


def make_ticket(inlet: Inlet | None = None, **over: Any) -> Ticket:
    """Make a ticket by a message."""
    return write(inlet, **over).ticket


def a_reason(code: str = "delivery-where") -> int:
    """Return the id of a reason of the delivered tree."""
    return ReasonNode.objects.get(code=code).pk
