"""What customer service puts on the home page: how much waits, and how much of it is late."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from core.ui.tabs import capped_counts, capped_text
from core.ui.tiles import Kpi, Tile, register_tile
from service.models import Ticket
from service.selectors.inbox import SOON


def to_answer(_request: HttpRequest) -> Kpi:
    """Count what waits for an answer, and beside it what is late and what soon will be."""
    now, rows = timezone.now(), Ticket.objects.all()
    wanted = [rows.to_answer(), rows.due_by(now), rows.due_by(now + SOON).filter(due_at__gte=now)]
    waiting, late, soon = capped_counts(wanted)
    words = {"late": capped_text(late), "soon": capped_text(soon)}
    note = _("late: %(late)s · within four hours: %(soon)s") % words if late or soon else _("Nothing is late.")
    level = "danger" if late else "warning" if soon else "good"
    url = f"{reverse('admin:service_inbox')}?view={'late' if late else 'open'}"
    return Kpi(capped_text(waiting), note, url, level, "forum")


register_tile(
    Tile("service.to_answer", pgettext_lazy("tickets", "Tickets to answer"), to_answer, "service.work_on_ticket",
         "service", 10, cache_seconds=60)
)  # fmt: skip
