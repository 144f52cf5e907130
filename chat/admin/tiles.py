"""What the chat puts on the home page: who waits there for an answer."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from chat.models import Conversation, Widget
from chat.services.leaving import GONE
from core.ui.tabs import capped_counts, capped_text
from core.ui.tiles import Kpi, Tile, register_tile
from service.models import Ticket


def chats_waiting(_request: HttpRequest) -> Kpi | None:
    """Count chats that wait for an answer, and how many of their visitors are there; None without a chat."""
    if not Widget.objects.filter(is_active=True).exists():
        return None
    waiting_rows = Ticket.objects.chats_to_answer()
    here = Conversation.objects.filter(seen_at__gt=timezone.now() - GONE)
    waiting, present = capped_counts([waiting_rows, waiting_rows.filter(pk__in=here.values("ticket_id"))])
    note = _("visitors at the page now: %(count)s") % {"count": capped_text(present)}
    level = "danger" if present else "warning" if waiting else "good"
    url = f"{reverse('admin:service_inbox')}?view=chats"
    return Kpi(capped_text(waiting), note if waiting else _("Nobody waits in a chat."), url, level, "chat")


register_tile(
    Tile("chat.waiting", pgettext_lazy("tickets", "Chats to answer"), chats_waiting, "service.work_on_ticket",
         "service", 11, cache_seconds=60)
)  # fmt: skip
