"""Who may do what with tickets; services refuse by these, screens hide by them."""

from datetime import timedelta

from django.utils import timezone

from service.models import (
    TICKET_TRANSITIONS,
    UNSOLVED,
    Macro,
    Outgoing,
    OutgoingState,
    OutgoingWay,
    Ticket,
    TicketStatus,
)
from staff.models import User

_READ_WHILE_ASKED = timedelta(seconds=1)


def can_see_tickets(user: User) -> bool:
    """Tell whether the user may read tickets."""
    return user.has_perm("service.view_ticket")


def can_work_on_tickets(user: User | None) -> bool:
    """Tell whether the user may claim, answer, note and resolve; None is the system itself."""
    return user is None or user.has_perm("service.work_on_ticket")


def can_direct_tickets(user: User | None) -> bool:
    """Tell whether the user may give tickets to others, merge and split them."""
    return user is None or user.has_perm("service.direct_ticket")


def can_approve_replies(user: User | None) -> bool:
    """Tell whether the user may decide about answers of colleagues that wait."""
    return user is not None and can_work_on_tickets(user) and user.has_perm("service.approve_reply")


def can_open_tickets(user: User | None) -> bool:
    """Tell whether the user may write down what somebody said on the phone."""
    return user is None or user.has_perm("service.add_ticket")


def can_give_coupons(user: User | None) -> bool:
    """Tell whether the user may give a customer a coupon."""
    return user is None or user.has_perm("service.give_coupon")


def can_keep_coupons(user: User | None) -> bool:
    """Tell whether the user may add codes of coupons and take back what nobody was told."""
    return user is None or user.has_perm("service.change_coupon")


def can_write_assignment_rules(user: User | None) -> bool:
    """Tell whether the user may say by which rules tickets go to whom."""
    return user is None or user.has_perm("service.change_assignmentrule")


def can_set_availability_of(user: User | None, user_id: int) -> bool:
    """Tell whether the user may say that this colleague is here or away: oneself, or who directs."""
    return can_direct_tickets(user) or (user is not None and user.pk == user_id and can_work_on_tickets(user))


def is_resolvable(ticket: Ticket) -> bool:
    """Tell whether the ticket can be resolved now."""
    return TICKET_TRANSITIONS.permits(TicketStatus(ticket.status), TicketStatus.RESOLVED)


def is_reopenable(ticket: Ticket) -> bool:
    """Tell whether a colleague can open the ticket again."""
    return ticket.status in {TicketStatus.RESOLVED, TicketStatus.CLOSED}


def is_snoozable(ticket: Ticket) -> bool:
    """Tell whether the ticket can be put aside."""
    return ticket.status in UNSOLVED and ticket.merged_into_id is None


def only_says(macro: Macro) -> bool:
    """Tell whether a macro says something and does nothing else but tag: a clock may use it."""
    does = (macro.status, macro.hand, macro.team_id, macro.task_title, macro.return_reason_id)
    return any((macro.body_en, macro.body_ko, macro.body_ja)) and not any(does)


def is_undoable(outgoing: Outgoing) -> bool:
    """Tell whether nobody has begun to send the answer; what a chat shows in a second may be read while one asks."""
    if outgoing.state == OutgoingState.AWAITING:
        return True
    if outgoing.way == OutgoingWay.CHAT and outgoing.due_at <= timezone.now() + _READ_WHILE_ASKED:
        return False
    return outgoing.state == OutgoingState.OWED and outgoing.attempts == 0
