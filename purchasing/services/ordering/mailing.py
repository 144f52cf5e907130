"""Orders go to suppliers: by our mail, at most once, or by a person who says so. The mail itself: ``purchasing.tasks``.

A mail is claimed in a transaction of its own before it is handed over, and ticked off after. A sender that is killed
between the two leaves a claimed row: nobody can know whether the supplier has it, so it is not sent again by itself
but shown as unclear, and a person asks. Failures that tell for sure that nothing left are tried again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, InvalidTransition
from core.events import record
from core.schedule import wake
from purchasing.events import PurchaseMailFailed, PurchaseMailQueued, PurchaseOrderSent
from purchasing.models import OPEN_MAILS, MailState, PurchaseMail, PurchaseOrder, PurchaseState
from purchasing.policies import can_send_purchase_orders
from purchasing.services.ordering.orders import check_right, lock_purchase_order, move_purchase_order
from staff.models import User

ATTEMPTS = 6
PAUSE = timedelta(minutes=1)  # after the first failure; doubled with each: half an hour in all
SILENCE = timedelta(minutes=10)  # a sender that said nothing for so long was killed


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMail:
    """One mail that only its claimer hands over; ``attempt`` counts from 1."""

    mail_id: int
    order_id: int
    address: str
    attempt: int


@transaction.atomic
def send_purchase_order(*, order_id: int, address: str = "", actor: User | None = None) -> PurchaseOrder:
    """Owe the supplier the order by mail (to ``address``, else the supplier's) and return it, still approved.

    It is ``sent`` when the mail was handed over. NotAllowed without the right to send; InvalidTransition when it is
    not approved; Conflict when a mail is under way; InvalidInput without a usable address or a mail server.
    """
    check_right(can_send_purchase_orders, actor)
    if not sends_mail():
        raise InvalidInput(_("No mail server is set up (EMAIL_HOST). Download the PDF and send the order yourself."))
    order = lock_purchase_order(order_id)
    _check_approved(order)
    if order.mails.filter(state__in=OPEN_MAILS).exists():
        raise Conflict(_("A mail with this order is already under way."))
    address = address.strip() or order.supplier.email
    try:
        validate_email(address)
    except ValidationError:
        raise InvalidInput(
            _("The supplier has no usable e-mail address. Write one, or send the order yourself.")
        ) from None
    PurchaseMail.objects.create(order=order, address=address, requested_by=actor)
    record(PurchaseMailQueued(order_id=order.pk), subject=order, actor=actor)
    transaction.on_commit(_wake, robust=True)
    return order


def sends_mail() -> bool:
    """Tell whether mail leaves the house: without a server it is only written into the log."""
    return not settings.EMAIL_BACKEND.startswith("django.core.mail.backends.console")


def _wake() -> None:
    """Ask a worker to send soon; a dead broker costs delay only, because beat sweeps each minute."""
    wake("purchasing.send_order_mails")


def _check_approved(order: PurchaseOrder) -> None:
    if order.state != PurchaseState.APPROVED:
        raise InvalidTransition(_("Only an approved order can be sent. Reload the page to see where it stands."))


@transaction.atomic
def mark_purchase_order_sent(*, order_id: int, actor: User | None = None) -> PurchaseOrder:
    """Say that a person sent the order outside this system, or found out that an unclear mail arrived; return it.

    A waiting mail is withdrawn. NotAllowed without the right to send; InvalidTransition when it is not approved, and
    while a mail is being handed over.
    """
    check_right(can_send_purchase_orders, actor)
    order = lock_purchase_order(order_id)
    _check_approved(order)
    mail = _open_mail(order)
    if mail is not None and mail.state == MailState.SENDING:
        raise InvalidTransition(_("Its mail to the supplier has begun. Say first whether it arrived."))
    if mail is not None:
        _end(mail, MailState.SENT if mail.state == MailState.UNCLEAR else MailState.WITHDRAWN)
    _set_sent(order, by_hand=mail is None or mail.state != MailState.SENT, actor=actor)
    return order


@transaction.atomic
def resend_purchase_order(*, order_id: int, actor: User | None = None) -> PurchaseOrder:
    """Send an order again of whose mail nobody knows whether it left; a person found out that it did not.

    NotAllowed without the right to send; InvalidTransition when there is no such mail.
    """
    check_right(can_send_purchase_orders, actor)
    order = lock_purchase_order(order_id)
    mail = _open_mail(order)
    if mail is None or mail.state != MailState.UNCLEAR:
        raise InvalidTransition(_("No mail of this order is unclear. Reload the page to see where it stands."))
    _end(mail, MailState.FAILED)
    return send_purchase_order(order_id=order_id, address=mail.address, actor=actor)


def withdraw_mail(order: PurchaseOrder) -> None:
    """Take back the locked order's mail that still waits; InvalidTransition when it was begun."""
    mail = _open_mail(order)
    if mail is None:
        return
    if mail.state != MailState.WAITING:
        raise InvalidTransition(_("Its mail to the supplier has begun. Say first whether it arrived."))
    _end(mail, MailState.WITHDRAWN)


@transaction.atomic
def claim_order_mail(*, now: datetime) -> ClaimedMail | None:
    """Claim the next due mail and return it, None when nothing is due that nobody else has.

    1. What was claimed long ago and never answered for becomes unclear: it is not claimed again.
    2. The order is locked before its mail, as everywhere; one that somebody holds just now waits for the next run.
    """
    _give_up_silent(now)
    due = PurchaseMail.objects.filter(state=MailState.WAITING, due_at__lte=now).order_by("due_at", "pk")
    for order_id in list(due.values_list("order_id", flat=True)[:20]):
        order = PurchaseOrder.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=order_id).first()
        mail = _open_mail(order) if order is not None else None
        if mail is None or mail.state != MailState.WAITING:
            continue
        mail.state, mail.started_at, mail.attempts = MailState.SENDING, now, mail.attempts + 1
        mail.save(update_fields=["state", "started_at", "attempts"])
        return ClaimedMail(mail_id=mail.pk, order_id=order_id, address=mail.address, attempt=mail.attempts)
    return None


def _give_up_silent(now: datetime) -> None:
    silent = PurchaseMail.objects.filter(state=MailState.SENDING, started_at__lt=now - SILENCE)
    for mail in silent.select_for_update(skip_locked=True, of=("self",)).select_related("order"):
        _make_unclear(mail)


def _make_unclear(mail: PurchaseMail) -> None:
    mail.state = MailState.UNCLEAR
    mail.save(update_fields=["state"])
    record(PurchaseMailFailed(order_id=mail.order_id, is_unclear=True), subject=mail.order)


@transaction.atomic
def record_order_mail_sent(*, claimed: ClaimedMail) -> None:
    """Tick the mail off and move its order to sent; repeating, or coming too late, changes nothing."""
    order = lock_purchase_order(claimed.order_id)
    mail = _claimed(claimed)
    if mail is None:
        return
    _end(mail, MailState.SENT)
    _set_sent(order, by_hand=False, actor=mail.requested_by)


@transaction.atomic
def record_order_mail_failed(*, claimed: ClaimedMail, error: str, left: bool | None, now: datetime) -> None:
    """Keep why a mail failed: it comes again after a pause while nothing has ``left``, six times in all.

    With ``left=None`` nobody knows whether it left: it becomes unclear and is not sent again by itself.
    """
    lock_purchase_order(claimed.order_id)
    mail = _claimed(claimed)
    if mail is None:
        return
    mail.error = error[:200]
    if left is None:
        mail.save(update_fields=["error"])
        _make_unclear(mail)
    elif mail.attempts >= ATTEMPTS:
        mail.save(update_fields=["error"])
        _end(mail, MailState.FAILED)
        record(PurchaseMailFailed(order_id=mail.order_id, error=mail.error), subject=mail.order)
    else:
        mail.state, mail.due_at = MailState.WAITING, now + PAUSE * int(2 ** (mail.attempts - 1))
        mail.save(update_fields=["state", "due_at", "error"])


def _open_mail(order: PurchaseOrder) -> PurchaseMail | None:
    return PurchaseMail.objects.select_for_update().filter(order=order, state__in=OPEN_MAILS).first()


def _claimed(claimed: ClaimedMail) -> PurchaseMail | None:
    """Return the mail while this very attempt still holds it."""
    mails = PurchaseMail.objects.select_for_update(of=("self",)).select_related("order", "requested_by")
    return mails.filter(pk=claimed.mail_id, state=MailState.SENDING, attempts=claimed.attempt).first()


def _end(mail: PurchaseMail, state: MailState) -> None:
    mail.state, mail.ended_at = state, timezone.now()
    mail.save(update_fields=["state", "ended_at"])


def _set_sent(order: PurchaseOrder, *, by_hand: bool, actor: User | None) -> None:
    """Move the order to sent; without a day it is expected after the longest agreed lead time of its lines."""
    now = timezone.now()
    found = order.lines.aggregate(days=Max(Coalesce(F("item__lead_days"), F("order__supplier__lead_days"))))
    days = order.supplier.lead_days if found["days"] is None else found["days"]
    expected_on = order.expected_on or timezone.localdate(now) + timedelta(days=days)
    move_purchase_order(order, PurchaseState.SENT, sent_at=now, expected_on=expected_on)
    record(PurchaseOrderSent(order_id=order.pk, by_hand=by_hand), subject=order, actor=actor)
