"""Files of tickets: who may take them, and that what customers wrote and sent stands in the download register."""

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.files import register_files
from core.taking import note_file_taken
from core.ui import actor
from service.models import AsideMail, Attachment, Message
from staff.login import client_address
from staff.models import User

RAW = "tickets/raw/"


def _may_read(user: User, path: str) -> bool:
    # what came as it came may hold anything of anybody: only who directs looks at it
    return user.has_perm("service.direct_ticket" if path.startswith(RAW) else "service.view_ticket")


def _note_taken(request: HttpRequest, path: str) -> None:
    """Keep who took a file of a message, or a message as it came; the team's own files hold nobody's data."""
    if path.startswith(RAW):
        messages, table = Message.objects.filter(raw=path), _("Message as it came")
    else:
        messages, table = Message.objects.filter(attachments__in=Attachment.objects.filter(file=path)), _("Attachment")
    message = messages.select_related("ticket").first()
    subject: models.Model | None = message.ticket if message else AsideMail.objects.filter(raw=path).first()
    if subject is not None:
        customer = message.ticket.customer_id if message else None
        note_file_taken(
            subject=subject,
            table=f"{table} · {message.ticket.number}" if message else table,
            rows=1,
            columns=["raw" if path.startswith(RAW) else "file"],
            whose=[customer] if customer else [],
            address=client_address(request),
            actor=actor(request),
        )


# all are downloads: nothing that an outsider sent is shown in our pages
register_files("tickets", _may_read, name_of=lambda path: path.rpartition("/")[2], on_taken=_note_taken)
