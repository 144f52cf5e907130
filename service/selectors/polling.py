"""What a polling page shows, as plain facts: when they are the same, so is the page, and nothing is drawn."""

from datetime import timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from service.models import Draft, Outgoing, OutgoingState, OutgoingWay, Ticket
from service.policies import can_approve_replies
from service.selectors.asking import WHEN, WHICH, WHO, Statement, kept, nobody_like, rows_of
from service.selectors.inbox import PAGE, InboxView, inbox_rows, is_lasting
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

    if first or query or not is_lasting(view):
        last = first + PAGE + 1
        return list(_shown(view, user, query, last)[first:last])

    def write() -> Statement:
        return _shown(view, nobody_like(user), "", PAGE + 1)[: PAGE + 1].query.sql_with_params()

    return rows_of(kept(("rows", view.key, can_approve_replies(user)), write, {WHO: user.pk}))


def _shown(view: InboxView, user: User, query: str, most: int) -> "QuerySet[Ticket, tuple[Any, ...]]":
    return inbox_rows(view=view, user=user, query=query, most=most).values_list(*_SHOWN)


def thread_facts(*, ticket_id: int, user: User) -> list[tuple[Any, ...]]:
    """Return what tells whether a conversation looks as before: versions, the draft's place, states of its answers.

    One statement. Each message, note, work and undoing raises a version; what became of an answer does not.
    """
    values = {WHICH: ticket_id, WHO: user.pk, WHEN: timezone.now() + _SHOWN_AT_ONCE}
    return rows_of(kept("thread", _thread_statement, values))


def _thread_statement() -> Statement:
    draft = Draft.objects.filter(ticket=OuterRef("pk"), user=WHO).exclude(body="")
    is_shown = Q(state=OutgoingState.OWED, way=OutgoingWay.CHAT, due_at__lte=WHEN)
    answers = Outgoing.objects.filter(message__ticket=OuterRef("pk")).order_by("-pk").annotate(shown=is_shown)
    told = answers.values(said=JSONObject(**{name: name for name in _ANSWER}))[:_LATEST]
    rows = Ticket.objects.filter(Q(pk=WHICH) | Q(merged_into=WHICH)).order_by("pk")
    seen = Subquery(draft.values("seen_version"))
    shown = rows.values_list("pk", "version", "merged_into_id", seen, ArraySubquery(told))
    return shown.query.sql_with_params()
