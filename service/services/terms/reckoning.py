"""The clocks of a ticket, computed anew whenever it changes; lists only compare columns."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q
from django.utils import timezone

from compliance.models import Duty
from compliance.selectors.clocks import clocks_of
from orders.models import Order, Return
from service.models import (
    NOT_SAID,
    TO_ANSWER,
    Direction,
    MallDeadline,
    Message,
    OutgoingState,
    SlaPolicy,
    TermUnit,
    Ticket,
    TicketOrder,
    told_in,
)
from staff.selectors.working_time import WorkingTime, working_time

COLUMNS = (
    "sla_policy_id", "resolving_since", "resolving_minutes", "first_reply_due_at", "next_reply_due_at",
    "resolve_due_at", "mall_due_at", "legal_due_at", "due_at",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Dues:
    """When something written at one moment is due under a policy; None where it sets no term."""

    first_reply: datetime | None
    next_reply: datetime | None
    resolve: datetime | None


def dues_of(policy: SlaPolicy, moment: datetime) -> Dues:
    """Return what the policy makes of a message written at ``moment``: working minutes of its calendar."""
    working = working_time(policy.calendar, zone=policy.time_zone)
    return Dues(
        first_reply=_after(working, moment, policy.first_reply_minutes),
        next_reply=_after(working, moment, policy.next_reply_minutes),
        resolve=_after(working, moment, policy.resolve_minutes),
    )


def reckon(ticket: Ticket, *, now: datetime | None = None) -> None:
    """Bring the clocks of a locked ticket up to date and save what changed of them.

    - First and next answer run from the oldest message that nobody answered; the resolution runs while the ticket
      waits for us and stands still while it waits for the customer. Minutes are those of the policy's calendar.
    - The mall's deadline ends when an answer has left, and the legal one with the clock of the linked order or return:
      no state of the ticket stops them.
    """
    moment = now or timezone.now()
    before = [getattr(ticket, name) for name in COLUMNS]
    policy = _policy_of(ticket)
    ticket.sla_policy_id = policy.pk if policy else None
    _run_policy(ticket, policy, moment)
    ticket.mall_due_at = _mall_due(ticket)
    ticket.legal_due_at = _legal_due(ticket)
    running = (
        ticket.first_reply_due_at, ticket.next_reply_due_at, ticket.resolve_due_at, ticket.mall_due_at,
        ticket.legal_due_at,
    )  # fmt: skip
    ticket.due_at = min((due for due in running if due is not None), default=None)
    changed = [name for name, old in zip(COLUMNS, before, strict=True) if getattr(ticket, name) != old]
    if changed:
        ticket.save(update_fields=[*changed, "updated_at"])


def _policy_of(ticket: Ticket) -> SlaPolicy | None:
    for policy in SlaPolicy.objects.filter(is_active=True).select_related("calendar"):
        if _fits(policy, ticket):
            return policy
    return None


def _fits(policy: SlaPolicy, ticket: Ticket) -> bool:
    return (
        (not policy.inlet_kinds or ticket.inlet.kind in policy.inlet_kinds)
        and (not policy.languages or ticket.language in policy.languages)
        and ticket.priority >= policy.least_priority
        and (not policy.tag or policy.tag in ticket.tags)
    )


def _run_policy(ticket: Ticket, policy: SlaPolicy | None, now: datetime) -> None:
    ticket.first_reply_due_at = ticket.next_reply_due_at = ticket.resolve_due_at = None
    if policy is None:
        ticket.resolving_since, ticket.resolving_minutes = None, 0
        return
    working = working_time(policy.calendar, zone=policy.time_zone)
    is_running = ticket.status in TO_ANSWER
    since = ticket.waiting_since
    if is_running and since is not None:
        if _is_answered(ticket):
            ticket.next_reply_due_at = _after(working, since, policy.next_reply_minutes)
        else:
            ticket.first_reply_due_at = _after(working, since, policy.first_reply_minutes)
    _run_resolution(ticket, policy, working, now, is_running=is_running)


def _run_resolution(
    ticket: Ticket, policy: SlaPolicy, working: WorkingTime, now: datetime, *, is_running: bool
) -> None:
    if is_running and ticket.resolving_since is None:
        ticket.resolving_since = ticket.waiting_since or now
    elif not is_running and ticket.resolving_since is not None:
        ticket.resolving_minutes += working.minutes_between(ticket.resolving_since, now)
        ticket.resolving_since = None
    if ticket.resolving_since is not None and policy.resolve_minutes is not None:
        left = max(0, policy.resolve_minutes - ticket.resolving_minutes)
        ticket.resolve_due_at = working.after(ticket.resolving_since, left)


def _is_answered(ticket: Ticket) -> bool:
    ours = Message.objects.filter(told_in(ticket), direction=Direction.OUTBOUND)
    return ours.exclude(outgoing__state__in=NOT_SAID).exists()


def _mall_due(ticket: Ticket) -> datetime | None:
    if ticket.sales_channel_id is None:
        return None
    rule = (
        MallDeadline.objects.filter(is_active=True, sales_channel=ticket.sales_channel_id, inlet_kind=ticket.inlet.kind)
        .select_related("calendar")
        .first()
    )
    if rule is None:
        return None
    said = Message.objects.filter(told_in(ticket))
    left = said.filter(outgoing__state=OutgoingState.SENT).aggregate(at=Max("at"))["at"]
    open_since = (
        said.filter(Q(at__gt=left) if left else Q(), direction=Direction.INBOUND, is_automatic=False)
        .order_by("at", "pk")
        .values_list("at", flat=True)
        .first()
    )
    return mall_due(rule, open_since) if open_since is not None else None


def mall_due(rule: MallDeadline, moment: datetime) -> datetime:
    """Return by when the channel wants an answer to what was written at ``moment``."""
    if rule.unit == TermUnit.HOURS:
        return moment + timedelta(hours=rule.length)
    working = working_time(rule.calendar)
    return working.closes(working.shift(moment.astimezone(working.zone).date(), rule.length))


def _legal_due(ticket: Ticket) -> datetime | None:
    orders = set(TicketOrder.objects.filter(ticket=ticket).values_list("order_id", flat=True))
    if not orders:
        return None
    returns = Return.objects.filter(order__in=orders).values_list("pk", flat=True)
    running = [clock for clock in clocks_of({Order: orders, Return: list(returns)}) if clock.stopped_at is None]
    ours = [clock.due_at for clock in running if clock.rule.duty != Duty.WITHDRAWAL]  # that window is the customer's
    return min(ours, default=None)


def _after(working: WorkingTime, moment: datetime, minutes: int | None) -> datetime | None:
    return working.after(moment, minutes) if minutes is not None else None
