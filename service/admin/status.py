"""The state of a ticket as a badge, the same wherever it is shown."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.display import badge_html, moment_text
from service.models import Term, Ticket, TicketStatus
from service.selectors.inbox import SOON

COLOURS: dict[str, str] = {
    TicketStatus.NEW: "violet",
    TicketStatus.OPEN: "blue",
    TicketStatus.WAITING_FOR_CUSTOMER: "amber",
    TicketStatus.RESOLVED: "green",
    TicketStatus.CLOSED: "grey",
}


def ticket_badge(ticket: Ticket) -> SafeString:
    """Return the state in words, in its colour."""
    return badge_html(ticket.get_status_display(), COLOURS[ticket.status])


def inbox_url(ticket_id: int | None = None, *, view: str = "all") -> str:
    """Return the address of the inbox, with a ticket open."""
    base = reverse("admin:service_inbox")
    return f"{base}?view={view}&ticket={ticket_id}" if ticket_id else f"{base}?view={view}"


@dataclass(frozen=True)
class DueText:
    """One clock of a ticket in words and colour."""

    term: Any
    badge: SafeString | str
    due: str


def due_badge(due_at: datetime | None) -> SafeString | str:
    """Return how far a due moment is, red when it has passed and amber when it is near; empty without one."""
    if due_at is None:
        return ""
    left = due_at - timezone.now()
    if left < timedelta(0):
        return badge_html(_("%(length)s late") % {"length": length_text(-left)}, "red")
    return badge_html(_("%(length)s left") % {"length": length_text(left)}, "amber" if left < SOON else "grey")


def length_text(length: timedelta) -> str:
    """Return a length of time in its largest unit: "25 min", "3 h", "2 d"."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 120:
        return _("%(count)s min") % {"count": minutes}
    if minutes < 48 * 60:
        return _("%(count)s h") % {"count": minutes // 60}
    return _("%(count)s d") % {"count": minutes // (24 * 60)}


def due_texts(ticket: Ticket) -> list[DueText]:
    """Return the clocks of a ticket that run, the most pressing first."""
    running = [(getattr(ticket, f"{term}_due_at"), term) for term in Term]
    found = sorted((due, term) for due, term in running if due is not None)
    return [DueText(term.label, due_badge(due), moment_text(due)) for due, term in found]
