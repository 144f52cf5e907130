"""The inbox: views with their tickets, and the counter that polling pages ask for."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.search import first_matching
from service.models import (
    Draft,
    Message,
    Outgoing,
    OutgoingState,
    OutgoingWay,
    Pulse,
    ReadMark,
    Ticket,
    TicketQuerySet,
    TicketStatus,
)
from service.policies import can_approve_replies
from service.selectors.approvals import waiting_approvals
from service.selectors.asking import rows_of
from staff.models import User

PAGE = 30
_NUMBER = re.compile(r"[A-Z]{1,3}-[0-9]+")
SOON = timedelta(hours=4)
AT_ONCE = timedelta(seconds=16)  # what is due sooner has no time of its own


@dataclass(frozen=True)
class InboxView:
    """One view: which tickets, in which order, whether they are counted, and what is said when there are none."""

    key: str
    label: Any
    icon: str
    rows: Callable[[TicketQuerySet, User], TicketQuerySet]
    empty: Any
    is_counted: bool = True
    is_urgent: bool = False  # a count above zero is shown in red
    is_queue: bool = False  # the longest waiting first
    is_by_due: bool = False  # what is due first comes first
    is_own: bool = False  # each colleague has another one
    is_by_clock: bool = False  # time alone changes what it shows


def _mine(rows: TicketQuerySet, user: User) -> TicketQuerySet:
    return rows.to_answer().filter(assignee=user)


def _unassigned(rows: TicketQuerySet, _user: User) -> TicketQuerySet:
    return rows.to_answer().filter(assignee=None)


def _to_answer(rows: TicketQuerySet, _user: User) -> TicketQuerySet:
    return rows.to_answer()


def _late(rows: TicketQuerySet, _user: User) -> TicketQuerySet:
    return rows.due_by(timezone.now())


def _soon(rows: TicketQuerySet, _user: User) -> TicketQuerySet:
    now = timezone.now()
    return rows.due_by(now + SOON).filter(due_at__gte=now)


def _chats(rows: TicketQuerySet, _user: User) -> TicketQuerySet:
    return rows.chats_to_answer()


def _waiting(rows: TicketQuerySet, _user: User) -> TicketQuerySet:
    return rows.waiting()


def _snoozed(rows: TicketQuerySet, _user: User) -> TicketQuerySet:
    return rows.snoozed()


def _drafts(rows: TicketQuerySet, user: User) -> TicketQuerySet:
    return rows.own().filter(pk__in=Draft.objects.filter(user=user).values("ticket_id"))


def _scheduled(rows: TicketQuerySet, _user: User) -> TicketQuerySet:
    later = Outgoing.objects.filter(state=OutgoingState.OWED, attempts=0, due_at__gt=timezone.now() + AT_ONCE)
    return rows.own().filter(pk__in=later.values("message__ticket_id"))


def _by_hand(rows: TicketQuerySet, _user: User) -> TicketQuerySet:
    owed = Message.objects.filter(outgoing__state=OutgoingState.OWED, outgoing__way=OutgoingWay.BY_HAND)
    return rows.own().filter(pk__in=owed.values("ticket_id"))


def _failed(rows: TicketQuerySet, _user: User) -> TicketQuerySet:
    failed = Message.objects.filter(outgoing__state=OutgoingState.FAILED)
    return rows.own().filter(pk__in=failed.values("ticket_id"))


def _approval(rows: TicketQuerySet, user: User) -> TicketQuerySet:
    """Who may approve sees what waits for him; the others what they wrote themselves."""
    may = can_approve_replies(user)
    waiting = waiting_approvals(decider=user) if may else waiting_approvals().filter(writer=user)
    stands = Coalesce("outgoing__message__ticket__merged_into", "outgoing__message__ticket")
    return rows.own().filter(pk__in=waiting.order_by().values_list(stands))


def _resolved(rows: TicketQuerySet, _user: User) -> TicketQuerySet:
    return rows.own().filter(status=TicketStatus.RESOLVED)


def _all(rows: TicketQuerySet, _user: User) -> TicketQuerySet:
    return rows.own()


VIEWS = (
    InboxView(
        "mine",
        pgettext_lazy("tickets", "Mine"),
        "person",
        _mine,
        _("Nothing waits for you. Take one that nobody has."),
        is_queue=True,
        is_own=True,
    ),
    InboxView(
        "unassigned",
        pgettext_lazy("tickets", "Nobody’s"),
        "inbox",
        _unassigned,
        _("Every ticket has somebody. Well done."),
        is_queue=True,
        is_urgent=True,
    ),
    InboxView(
        "open",
        pgettext_lazy("tickets", "To answer"),
        "mark_email_unread",
        _to_answer,
        _("Everything is answered. Well done."),
        is_queue=True,
    ),
    InboxView(
        "late",
        pgettext_lazy("tickets", "Late"),
        "alarm",
        _late,
        _("Nothing is late. Well done."),
        is_urgent=True,
        is_by_due=True,
        is_by_clock=True,
    ),
    InboxView(
        "soon",
        pgettext_lazy("tickets", "Due soon"),
        "timer",
        _soon,
        _("Nothing is due within four hours."),
        is_by_due=True,
        is_by_clock=True,
    ),
    InboxView(
        "chats",
        pgettext_lazy("inbox", "Chats"),
        "chat",
        _chats,
        _("Nobody waits in a chat."),
        is_counted=False,  # the home page counts them, once a minute for everybody
        is_queue=True,
    ),
    InboxView(
        "waiting",
        pgettext_lazy("inbox", "Waiting"),
        "hourglass_empty",
        _waiting,
        _("Nobody owes us an answer."),
    ),
    InboxView(
        "snoozed",
        pgettext_lazy("tickets", "Snoozed"),
        "snooze",
        _snoozed,
        _("Nothing is put aside."),
    ),
    InboxView(
        "drafts",
        pgettext_lazy("tickets", "My drafts"),
        "edit_note",
        _drafts,
        _("You have begun no answer that is not sent."),
        is_own=True,
    ),
    InboxView(
        "approval",
        pgettext_lazy("inbox", "Approvals"),
        "approval",
        _approval,
        _("No answer waits for approval."),
        is_own=True,
        is_urgent=True,
    ),
    InboxView(
        "scheduled",
        pgettext_lazy("tickets", "Scheduled"),
        "schedule_send",
        _scheduled,
        _("No answer waits for its time."),
        is_by_clock=True,
    ),
    InboxView(
        "by_hand",
        pgettext_lazy("inbox", "By hand"),
        "content_copy",
        _by_hand,
        _("No answer waits to be copied into a mall."),
        is_urgent=True,
    ),
    InboxView(
        "failed",
        pgettext_lazy("tickets", "Not delivered"),
        "error",
        _failed,
        _("Every answer arrived."),
        is_urgent=True,
    ),
    InboxView(
        "resolved",
        pgettext_lazy("tickets", "Resolved"),
        "task_alt",
        _resolved,
        _("Nothing resolved lately."),
        is_counted=False,
    ),
    InboxView(
        "all",
        pgettext_lazy("tickets", "All"),
        "all_inbox",
        _all,
        _("No tickets yet. They come in by the inlets."),
        is_counted=False,
    ),
)
BY_KEY = {view.key: view for view in VIEWS}


def inbox_rows(*, view: InboxView, user: User, query: str = "", most: int = PAGE + 1) -> QuerySet[Ticket]:
    """Return the tickets of a view in its order, each with ``read_version`` of this colleague.

    Of those found by number or words, the first ``most``.
    """
    rows: QuerySet[Ticket] = view.rows(Ticket.objects.all(), user)
    if query:
        number, address = query.strip().upper(), query.strip().lower()
        if _NUMBER.fullmatch(number):
            rows = rows.filter(number=number)
        elif "@" in address and (written := rows.filter(sender_address=address)).exists():
            rows = written
        else:
            rows = rows.filter(pk__in=first_matching(rows.order_by(*_order(view)), query, most=most))
    read = ReadMark.objects.filter(user=user, ticket=OuterRef("pk")).values("version")
    return (
        rows.select_related("customer", "assignee", "inlet")
        .annotate(read_version=Coalesce(Subquery(read), 0))
        .defer("search_text")
        .order_by(*_order(view))
    )


def _order(view: InboxView) -> list[Any]:
    if view.is_queue:
        return ["-priority", F("waiting_since").asc(nulls_last=True), "pk"]
    return ["due_at", "pk"] if view.is_by_due else ["-last_message_at", "-pk"]


def is_lasting(view: InboxView) -> bool:
    """Tell whether the statement of a view is the same at any moment, but for who asks and may approve."""
    return BY_KEY.get(view.key) is view and not view.is_by_clock


def pulse() -> int:
    """Return a number that rises with every committed change of any ticket (one statement on sixteen rows)."""
    [[total]] = rows_of((f"SELECT sum(version) FROM {Pulse._meta.db_table}", ()))  # noqa: S608 our own table
    return int(total or 0)
