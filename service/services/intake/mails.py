"""A mail becomes a message of a ticket, or is set aside where a person finds it; none is lost, none is answered."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import DataError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from service.adapters.automatic import Automatic
from service.adapters.mime import Mail, read_mail
from service.models import AsideMail, AsideReason, Inlet, Message
from service.selectors.threads import ticket_of_message_ids, ticket_of_token
from service.services.intake.knocking import knock
from service.services.locking import check_may_direct
from service.services.sending import record_reply_bounced
from service.services.storing import GivenFile
from service.services.taking import Incoming, take_message
from staff.models import User

LARGEST = 40 * 1024 * 1024  # of one mail as it came
MOST_AN_HOUR = 30  # of one sender: two machines that answer each other stop here


@dataclass(frozen=True, kw_only=True)
class TakenMail:
    """What became of a mail: a message of a ticket, or set aside."""

    message: Message | None = None
    aside: AsideMail | None = None
    is_new: bool = True


def take_mail(*, inlet_id: int, raw: bytes) -> TakenMail:
    """Take a mail in once and return what became of it; the same mail again changes nothing.

    - Mails of machines answer nobody: an automatic answer goes to its ticket without opening it again, or aside; a
      delivery report marks our answer as not delivered and goes aside; what comes from our own address goes aside.
    - Too large, unreadable, empty, or the 31st of one sender within an hour: aside, as it came.
    """
    try:
        return _take_mail(inlet_id, read_mail(raw), raw)
    except (InvalidInput, DataError, ValueError):  # what no mail program writes, and no table holds
        return _keep_unreadable(inlet_id, raw)


@transaction.atomic
def _take_mail(inlet_id: int, mail: Mail, raw: bytes) -> TakenMail:
    if (known := _known(inlet_id, mail)) is not None:
        return known
    if mail.bounce is not None and mail.bounce.is_final:
        record_reply_bounced(message_ids=mail.bounce.message_ids, status=mail.bounce.status)
    if (reason := _reason(inlet_id, mail)) is not None:
        return _set_aside(inlet_id, mail, raw, reason)
    return _let_in(inlet_id, mail, raw)


@transaction.atomic
def note_too_large(*, inlet_id: int, head: bytes, external_id: str) -> TakenMail:
    """Keep the head of a mail that is too large to be fetched aside; again it changes nothing."""
    mail = _read(head) or Mail(external_id="")
    mail.external_id = external_id
    known = AsideMail.objects.filter(inlet=inlet_id, external_id=external_id).first()
    if known is not None:
        return TakenMail(aside=known, is_new=False)
    return _set_aside(inlet_id, mail, head, AsideReason.TOO_LARGE)


@transaction.atomic
def let_mail_in(*, aside_id: int, actor: User | None) -> Message:
    """Make a mail that was set aside a message of a ticket and return it; again it returns the same.

    NotAllowed unless one directs; InvalidInput for what cannot be read or holds no words.
    """
    check_may_direct(actor)
    aside = AsideMail.objects.select_for_update().filter(pk=aside_id).first()
    if aside is None:
        raise InvalidInput(_("There is no such mail. Reload the page."))
    if aside.message is not None:
        return aside.message
    with aside.raw.open("rb") as file:
        mail = _read(file.read())
    if mail is None or aside.reason == AsideReason.TOO_LARGE:
        raise InvalidInput(_("This mail cannot be read. Look at it in the mailbox itself."))
    incoming = _incoming(mail, b"")
    aside.message = take_message(inlet_id=aside.inlet_id, incoming=incoming, actor=actor).message
    aside.save(update_fields=["message"])
    return aside.message


@transaction.atomic
def _keep_unreadable(inlet_id: int, raw: bytes) -> TakenMail:
    mail = Mail(external_id=f"#{hashlib.sha256(raw).hexdigest()}")
    return _known(inlet_id, mail) or _set_aside(inlet_id, mail, raw, AsideReason.UNREADABLE)


def _read(raw: bytes) -> Mail | None:
    try:
        return read_mail(raw)
    except InvalidInput:
        return None


def _known(inlet_id: int, mail: Mail) -> TakenMail | None:
    message = Message.objects.filter(inlet=inlet_id, external_id=mail.external_id).first()
    if message is not None:
        return TakenMail(message=message, is_new=False)
    aside = AsideMail.objects.filter(inlet=inlet_id, external_id=mail.external_id).first()
    return TakenMail(aside=aside, message=aside.message, is_new=False) if aside is not None else None


def _reason(inlet_id: int, mail: Mail) -> AsideReason | None:
    """Return why the mail is set aside, None when it comes in."""
    if mail.automatic == Automatic.BOUNCE:
        return AsideReason.BOUNCE
    if _is_own(mail.sender_address):
        return AsideReason.OWN
    if mail.automatic == Automatic.REPLY and not _names_ticket(mail):
        return AsideReason.AUTO_REPLY
    if not (mail.body or mail.files or mail.subject):
        return AsideReason.EMPTY
    origin = f"mail:{inlet_id}:{mail.sender_address}"
    is_flood = knock(origin=origin, window=timedelta(hours=1), now=timezone.now()) > MOST_AN_HOUR
    return AsideReason.FLOOD if is_flood else None


def _names_ticket(mail: Mail) -> bool:
    ids = [*mail.references, mail.in_reply_to]
    return ticket_of_token(mail.to) is not None or ticket_of_message_ids(ids) is not None


def _is_own(address: str) -> bool:
    mailbox, _at, domain = address.partition("@")
    bare = f"{mailbox.partition('+')[0]}@{domain}"
    return Inlet.objects.filter(address__iexact=bare).exists()


def _let_in(inlet_id: int, mail: Mail, raw: bytes) -> TakenMail:
    taken = take_message(inlet_id=inlet_id, incoming=_incoming(mail, raw))
    return TakenMail(message=taken.message, is_new=taken.is_new)


def _incoming(mail: Mail, raw: bytes) -> Incoming:
    files = [GivenFile(name=file.name, content=file.content, content_id=file.content_id) for file in mail.files]
    values: dict[str, Any] = {
        name: getattr(mail, name)
        for name in (
            "external_id", "message_id", "in_reply_to", "references", "sender_name", "sender_address", "to", "subject",
            "html", "at", "withheld",
        )
    }  # fmt: skip
    words = mail.body or ("" if mail.files else mail.subject)
    return Incoming(**values, body=words, files=files, raw=raw, is_automatic=mail.automatic != Automatic.NO)


def _set_aside(inlet_id: int, mail: Mail, raw: bytes, reason: AsideReason) -> TakenMail:
    aside = AsideMail(
        inlet_id=inlet_id,
        external_id=mail.external_id,
        reason=reason,
        sender_address=mail.sender_address,
        subject=mail.subject,
    )
    if raw:
        aside.raw.save(f"{uuid.uuid4().hex}.eml", ContentFile(raw), save=False)
    aside.save(force_insert=True)
    return TakenMail(aside=aside)
