"""Whose turn it is to be fetched, up to where it was, and what went wrong; the fetching itself is ``service.tasks``.

At least once, taken once: a mail's position is written after the mail was taken in. A worker killed between the two
leaves a mail that is fetched again and found to be there. Two workers never fetch one box: who claims it has its lease.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from service.adapters.imap import Access
from service.models import Inlet, InletKind, Mailbox, MailSecurity
from service.models.mailbox import OWN_MACHINE
from staff.models import Topic, User
from staff.selectors import users_with_permission
from staff.services.notifications.notifying import Telling, notify_many, settle_key

EVERY = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=30)
LEASE = timedelta(minutes=10)  # renewed with every mail
TOLD_AFTER = 3  # failures in a row; a refused login at once
SILENT_AFTER = timedelta(minutes=45)  # without a look: nobody fetches at all
DIRECT = "service.direct_ticket"
_PLACE = ("host", "port", "username", "folder")


@dataclass(frozen=True, kw_only=True)
class Fetch:
    """A claimed box: how it is reached and from where on it is read."""

    mailbox_id: int
    inlet_id: int
    lease: str
    access: Access
    uid_validity: int | None
    last_uid: int
    since: date


def password_of(inlet_code: str) -> str:
    """Return the password of an inlet's box from the settings, empty when there is none."""
    return str(settings.MAILBOX_PASSWORDS.get(variable_of(inlet_code), ""))


def variable_of(inlet_code: str) -> str:
    """Return how an inlet is called in names of environment variables: "help-kr" is HELP_KR."""
    return inlet_code.upper().replace("-", "_")


@transaction.atomic
def save_mailbox(*, inlet_id: int, values: dict[str, Any], actor: User | None) -> Mailbox:
    """Say where the mails of an inlet are fetched, and return the box; another place begins from its start.

    NotAllowed unless one may change inlets; InvalidInput for an inlet without mail, and a password sent in clear.
    """
    if actor is not None and not actor.has_perm("service.change_inlet"):
        raise NotAllowed(_("Only who directs customer service may do this."))
    inlet = Inlet.objects.select_for_update().filter(pk=inlet_id, kind=InletKind.EMAIL).first()
    if inlet is None:
        raise InvalidInput(_("Only inlets of e-mail have a mailbox."))
    if values["security"] == MailSecurity.NONE and values["host"] not in OWN_MACHINE:
        raise InvalidInput(_("Passwords leave this machine only by a protected connection: choose TLS or STARTTLS."))
    box = Mailbox.objects.select_for_update().filter(inlet=inlet).first() or Mailbox(inlet=inlet)
    is_elsewhere = any(getattr(box, name) != values[name] for name in _PLACE)
    for name, value in values.items():
        setattr(box, name, value)
    if is_elsewhere:
        box.uid_validity, box.last_uid, box.lease = None, 0, ""
    box.failure_count, box.error, box.due_at = 0, "", timezone.now()
    box.save()
    return box


@transaction.atomic
def claim_mailbox(*, now: datetime) -> Fetch | None:
    """Claim the box that is due the longest and return how to fetch it; None when nobody else's help is needed."""
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    due = Mailbox.objects.filter(free, is_active=True, inlet__is_active=True, due_at__lte=now)
    box = due.select_related("inlet").order_by("due_at", "pk").select_for_update(skip_locked=True, of=("self",)).first()
    if box is None:
        return None
    box.lease, box.leased_until = uuid.uuid4().hex, now + LEASE
    box.save(update_fields=["lease", "leased_until"])
    return Fetch(
        mailbox_id=box.pk,
        inlet_id=box.inlet_id,
        lease=box.lease,
        access=access_of(box),
        uid_validity=box.uid_validity,
        last_uid=box.last_uid,
        since=box.takes_since,
    )


def access_of(box: Mailbox) -> Access:
    """Return how a box is reached, with its password out of the settings."""
    return Access(
        host=box.host,
        port=box.port,
        security=box.security,
        username=box.username,
        password=password_of(box.inlet.code),
        folder=box.folder,
    )


def note_position(*, fetch: Fetch, uid_validity: int, uid: int) -> bool:
    """Write up to where the box was read and renew the lease; False when somebody else holds it by now."""
    held = Mailbox.objects.filter(pk=fetch.mailbox_id, lease=fetch.lease)
    changed = held.update(uid_validity=uid_validity, last_uid=uid, leased_until=timezone.now() + LEASE)
    return changed == 1


@transaction.atomic
def record_mailbox_checked(*, fetch: Fetch, is_more: bool = False) -> None:
    """Note that the box was read: its inlet has a heartbeat, and is looked at again in a minute, or at once."""
    now = timezone.now()
    box = Mailbox.objects.select_for_update().filter(pk=fetch.mailbox_id, lease=fetch.lease).first()
    if box is None:
        return
    box.lease, box.leased_until, box.due_at = "", None, now if is_more else now + EVERY
    was_failing, box.failure_count, box.error = bool(box.failure_count), 0, ""
    box.save(update_fields=["lease", "leased_until", "due_at", "failure_count", "error"])
    inlet = Inlet.objects.get(pk=fetch.inlet_id)
    if was_failing or inlet.checked_at is None or inlet.checked_at < now - SILENT_AFTER:
        settle_key(key=_key(inlet), user_ids=_leaders())
    note_inlet_checked(inlet_id=inlet.pk, now=now)


def note_inlet_checked(*, inlet_id: int, now: datetime) -> None:
    """Note that somebody looked for what was written to this inlet: it has a heartbeat."""
    Inlet.objects.filter(pk=inlet_id).update(checked_at=now)


@transaction.atomic
def record_mailbox_failed(*, fetch: Fetch, reason: str) -> None:
    """Note why the box was not read; it is tried again after a doubling pause, and who directs is told."""
    now = timezone.now()
    box = Mailbox.objects.select_for_update().filter(pk=fetch.mailbox_id, lease=fetch.lease).first()
    if box is None:
        return
    box.failure_count = min(box.failure_count + 1, 1000)
    pause = min(EVERY * 2 ** min(box.failure_count, 10), LONGEST_PAUSE)
    box.lease, box.leased_until, box.due_at, box.error = "", None, now + pause, reason[:200]
    box.save(update_fields=["lease", "leased_until", "due_at", "failure_count", "error"])
    if reason in {"refused", "no password"} or box.failure_count >= TOLD_AFTER:
        _tell(Inlet.objects.get(pk=box.inlet_id), "inlet_refuses")


@transaction.atomic
def tell_of_silent_inlets(*, now: datetime) -> int:
    """Tell who directs which mailboxes nobody has looked into for too long, once for each silence; return how many."""
    boxes = Mailbox.objects.filter(is_active=True, inlet__is_active=True, created_at__lt=now - SILENT_AFTER)
    silent = boxes.filter(Q(inlet__checked_at=None) | Q(inlet__checked_at__lt=now - SILENT_AFTER))
    inlets = [box.inlet for box in silent.select_related("inlet").order_by("pk")]
    return sum(bool(_tell(inlet, "inlet_silent")) for inlet in inlets)


def _tell(inlet: Inlet, reason: str) -> int:
    data = {"about": f"service.inlet:{inlet.pk}", "number": inlet.code, "title": inlet.name, "reason": reason}
    return notify_many(
        tellings=[Telling(user_id=pk, topic=Topic.STUCK, key=_key(inlet), data=data) for pk in _leaders()]
    )


def _key(inlet: Inlet) -> str:
    """Name the silence: it began when the box was read last."""
    return f"inlet:{inlet.pk}:{int(inlet.checked_at.timestamp()) if inlet.checked_at else 0}"


def _leaders() -> list[int]:
    return list(users_with_permission(DIRECT).order_by("pk").values_list("pk", flat=True))
