"""What colleagues tell each other about a ticket."""

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.events import record
from service.events import NoteWritten
from service.models import Note
from service.services.locking import beat, check_may_work, lock_ticket
from staff.models import User

_LONGEST = 20_000


@transaction.atomic
def write_note(*, ticket_id: int, body: str, actor: User | None) -> Note:
    """Leave an internal note that no customer ever reads, and return it; who answers now has to have read it.

    InvalidInput without words; NotAllowed.
    """
    check_may_work(actor)
    text = body.replace("\x00", "").strip()
    if not text or len(text) > _LONGEST:
        raise InvalidInput(_("Write a note of at most %(count)s characters.") % {"count": _LONGEST})
    ticket = lock_ticket(ticket_id)
    ticket.version += 1
    ticket.save(update_fields=["version", "updated_at"])
    note = Note.objects.create(ticket=ticket, version=ticket.version, author=actor, body=text)
    record(NoteWritten(ticket_id=ticket.pk, note_id=note.pk), subject=ticket, actor=actor)
    beat([ticket.pk])
    return note
