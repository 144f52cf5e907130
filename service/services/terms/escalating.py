"""Telling before it is too late: each step once for each due moment of each ticket."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q

from compliance.models import Duty
from core.events import record_many
from orders.models import Order, Return
from service.events import TicketEscalated
from service.models import Escalation, EscalationStep, Ticket
from service.services.locking import beat, lock_tickets
from service.services.terms.reckoning import reckon
from staff.models import Priority, Topic
from staff.selectors import users_with_permission
from staff.services.notifications.notifying import Telling, notify_many

MOST = 500  # tickets of one step at a time
_LATEST = timedelta(days=30)  # older misses are history: a step made today does not ring for them

_STALE = """
WITH due AS (
    SELECT t.id, (
        SELECT min(c.due_at) FROM service_ticketorder o
        JOIN compliance_legalclock c ON c.stopped_at IS NULL AND (
            (c.subject_type_id = %(order)s AND c.subject_id = o.order_id)
            OR (c.subject_type_id = %(return)s
                AND c.subject_id IN (SELECT r.id FROM orders_return r WHERE r.order_id = o.order_id)))
        JOIN compliance_legalrule u ON u.id = c.rule_id AND u.duty <> %(window)s
        WHERE o.ticket_id = t.id
    ) AS legal, t.legal_due_at
    FROM service_ticket t WHERE t.merged_into_id IS NULL
        AND (t.status <> 'closed' OR t.legal_due_at IS NOT NULL)
        AND EXISTS (SELECT 1 FROM service_ticketorder o WHERE o.ticket_id = t.id)
)
SELECT id FROM due WHERE legal IS DISTINCT FROM legal_due_at ORDER BY id LIMIT %(most)s
"""


@dataclass(frozen=True)
class _Taken:
    step: EscalationStep
    ticket: Ticket
    due_at: datetime


def escalate_tickets(*, now: datetime) -> int:
    """Take each active step for the tickets it is time for and return how many were taken; none is taken twice.

    Who has the ticket, or who directs where nobody has it, is told; the priority rises where the step says so.
    """
    steps = EscalationStep.objects.filter(is_active=True).order_by("term", "-minutes_before")
    return sum(_take(step, now) for step in steps)


@transaction.atomic
def _take(step: EscalationStep, now: datetime) -> int:
    column = f"{step.term}_due_at"
    done = Escalation.objects.filter(ticket=OuterRef("pk"), step=step, due_at=OuterRef(column))
    wanted = Ticket.objects.filter(
        Q(**{f"{column}__lte": now + timedelta(minutes=step.minutes_before), f"{column}__gt": now - _LATEST}),
        ~Exists(done),
        due_at__isnull=False,
        merged_into=None,
    )
    rows = list(wanted.order_by("pk").select_for_update(skip_locked=True, of=("self",))[:MOST])
    taken = [_Taken(step, row, getattr(row, column)) for row in rows]
    Escalation.objects.bulk_create(
        [Escalation(step=step, ticket=one.ticket, due_at=one.due_at) for one in taken], ignore_conflicts=True
    )
    if not taken:
        return 0
    if step.raises_priority:
        ids = [one.ticket.pk for one in taken]
        Ticket.objects.filter(pk__in=ids, priority__lt=Priority.URGENT).update(priority=F("priority") + 1)
    _tell(taken)
    fact = [TicketEscalated(ticket_id=one.ticket.pk, term=step.term, minutes=step.minutes_before) for one in taken]
    record_many([(one, one.ticket_id) for one in fact], model=Ticket)
    beat([one.ticket.pk for one in taken])
    return len(taken)


def _tell(taken: list[_Taken]) -> None:
    leads = list(users_with_permission("service.direct_ticket").order_by("pk").values_list("pk", flat=True))
    tellings = []
    for one in taken:
        people: set[int] = set()
        if one.step.tells_assignee and one.ticket.assignee_id is not None:
            people.add(one.ticket.assignee_id)
        if one.step.tells_leads or not people:
            people.update(leads)
        tellings += [_telling(one, user_id) for user_id in sorted(people)]
    notify_many(tellings=tellings)


def _telling(one: _Taken, user_id: int) -> Telling:
    data: dict[str, Any] = {
        "about": f"service.ticket:{one.ticket.pk}",
        "number": one.ticket.number,
        "title": "",  # subjects are the customer's words
        "reason": "ticket_due" if one.step.minutes_before > 0 else "ticket_late",
    }
    key = f"ticket:{one.ticket.pk}:{one.step.pk}:{int(one.due_at.timestamp())}"
    return Telling(user_id=user_id, topic=Topic.STUCK, key=key, data=data)


@transaction.atomic
def refresh_legal_dues() -> int:
    """Bring tickets up to date whose orders' legal clocks began, moved or ended meanwhile; return how many."""
    types = ContentType.objects.get_for_models(Order, Return)
    window: str = Duty.WITHDRAWAL.value
    ids_of = {"order": types[Order].pk, "return": types[Return].pk}
    with connection.cursor() as cursor:
        cursor.execute(_STALE, {**ids_of, "window": window, "most": MOST})
        ids = [pk for (pk,) in cursor.fetchall()]
    for ticket in lock_tickets(ids):
        reckon(ticket)
    if ids:
        beat(ids)
    return len(ids)
