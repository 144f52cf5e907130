"""The public form: what a stranger writes becomes a message once, as often as a person writes and no more."""

import json
from dataclasses import dataclass
from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput
from service.models import Inlet, InletKind
from service.services.intake.knocking import knock
from service.services.taking import Incoming, Taken, take_message

WINDOW = timedelta(minutes=10)
MOST_OF_ONE = 5
MOST_OF_ALL = 200  # of one form within the window: a flood from many addresses
OPEN_FOR = timedelta(hours=12)
SOONEST = timedelta(seconds=2)  # nobody reads and writes faster
_SIGNER = TimestampSigner(salt="service.contact")


class TooManyMessages(Conflict):
    """Somebody, or everybody together, wrote too often; come back later."""


@dataclass(frozen=True, kw_only=True)
class ContactWords:
    """What the form asks; ``consent`` is the sentence that was agreed to, as it stood there."""

    name: str
    address: str
    subject: str
    body: str
    order_number: str
    language: str
    consent: str


def form_of(code: str) -> Inlet | None:
    """Return the inlet whose form stands at this address; None when there is none, or it is closed."""
    return Inlet.objects.filter(code=code, kind=InletKind.WEB_FORM, is_active=True).first()


def opened_form(nonce: str) -> str:
    """Return the signed moment at which a form was opened; it names the message that comes of it."""
    return _SIGNER.sign(nonce)


def take_contact(*, inlet_id: int, words: ContactWords, opened: str, origin: str) -> Taken:
    """Take in what was written into the form, once for each form that was opened.

    TooManyMessages beyond five within ten minutes of one origin; InvalidInput for a form that was opened elsewhere, too
    long ago, or just now. What was agreed to is kept with the message as it came.
    """
    nonce = _nonce(opened)
    now = timezone.now()
    if knock(origin=f"form:{inlet_id}:{origin}", window=WINDOW, now=now) > MOST_OF_ONE:
        raise TooManyMessages(_("You have written several times just now. Please wait ten minutes."))
    if knock(origin=f"form:{inlet_id}", window=WINDOW, now=now) > MOST_OF_ALL:
        raise TooManyMessages(_("We receive very many messages just now. Please try again in ten minutes."))
    evidence = {"consent": words.consent, "at": now.isoformat(), "language": words.language}
    incoming = Incoming(
        external_id=f"form:{nonce}",
        subject=words.subject,
        body=words.body,
        sender_name=words.name,
        sender_address=words.address,
        order_number=words.order_number,
        language=words.language,
        raw=json.dumps(evidence, ensure_ascii=False).encode(),
    )
    return take_message(inlet_id=inlet_id, incoming=incoming)


def _nonce(opened: str) -> str:
    try:
        nonce = _SIGNER.unsign(opened, max_age=OPEN_FOR)
    except BadSignature:
        raise InvalidInput(_("This page was open for too long. Please send it again.")) from None
    try:
        _SIGNER.unsign(opened, max_age=SOONEST)
    except BadSignature:
        return nonce
    raise InvalidInput(_("That was very fast. Please send it again."))
