"""What a polling page shows, as plain facts: when they are the same, so is the page, and nothing is drawn."""

from datetime import timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from service.models import Draft, Outgoing, OutgoingState, OutgoingWay, Ticket
from service.selectors.inbox import PAGE, InboxView, inbox_rows
from staff.models import User

_SHOWN = (
    "pk", "number", "subject", "gist", "priority", "status", "tags", "last_message_at", "version", "read_version",
    "sender_name", "sender_address", "customer__name", "inlet__name", "assignee__first_name", "assignee__last_name",
    "assignee__username", "is_snoozed", "snoozed_until", "woken_at", "due_at",
)  # fmt: skip
_LATEST = 50  # answers of a conversation: older ones have left long ago
_ANSWER = ("pk", "state", "attempts", "error", "due_at", "shown")
_SHOWN_AT_ONCE = timedelta(seconds=1)


def row_facts(*, view: InboxView, user: User, query: str, page: int) -> list[tuple[Any, ...]]:
    """Return what the rows of a page show, the due moment last, and one row more where there is a next page.

    One statement; colleagues and customers are told by their names, so that a new name is a change.
    """
    first = (page - 1) * PAGE
    rows = inbox_rows(view=view, user=user, query=query).values_list(*_SHOWN)
    return list(rows[first : first + PAGE + 1])


def thread_facts(*, ticket_id: int, user: User) -> list[tuple[Any, ...]]:
    """Return what tells whether a conversation looks as before: versions, the draft's place, states of its answers.

    One statement. Each message, note, work and undoing raises a version; what became of an answer does not.
    """
    soon = timezone.now() + _SHOWN_AT_ONCE
    draft = Draft.objects.filter(ticket=OuterRef("pk"), user=user).exclude(body="")
    is_shown = Q(state=OutgoingState.OWED, way=OutgoingWay.CHAT, due_at__lte=soon)
    answers = Outgoing.objects.filter(message__ticket=OuterRef("pk")).order_by("-pk").annotate(shown=is_shown)
    told = answers.values(said=JSONObject(**{name: name for name in _ANSWER}))[:_LATEST]
    rows = Ticket.objects.filter(Q(pk=ticket_id) | Q(merged_into=ticket_id)).order_by("pk")
    seen = Subquery(draft.values("seen_version"))
    return list(rows.values_list("pk", "version", "merged_into_id", seen, ArraySubquery(told)))
