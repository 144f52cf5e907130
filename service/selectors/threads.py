"""To which ticket a message belongs: by signs that a stranger cannot write by accident, never by its subject alone."""

import re
from collections.abc import Sequence

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from customers.models import Identity, IdentityKind
from customers.services import normal_email
from service.models import Direction, Message, Ticket

_TOKEN = re.compile(r"\+t(\d{1,18})-([0-9a-f]{20})@")
_NUMBER = re.compile(r"\bQ-\d{7,}\b")
_SALT = "service.reply-to"


def reply_token(ticket_id: int) -> str:
    """Return the signed word that leads an answer back to its ticket; lower case, because mail servers may fold."""
    return f"t{ticket_id}-{_signature(ticket_id, str(settings.SECRET_KEY))}"


def reply_address(address: str, ticket_id: int) -> str:
    """Return our address with the ticket's token: "help+t12-…@example.com"."""
    mailbox, _at, domain = address.rpartition("@")
    return f"{mailbox}+{reply_token(ticket_id)}@{domain}"


def ticket_of_token(addresses: Sequence[str]) -> int | None:
    """Return the ticket that one of these addresses names with a right signature; former keys count while listed."""
    for address in addresses:
        if found := _TOKEN.search(address.lower()):
            ticket_id = int(found[1])
            keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
            if any(constant_time_compare(found[2], _signature(ticket_id, key)) for key in keys):
                return ticket_id if Ticket.objects.filter(pk=ticket_id).exists() else None
    return None


def ticket_of_message_ids(message_ids: Sequence[str]) -> int | None:
    """Return the ticket of the first of these Message-IDs that we know; the surest stands first."""
    known = dict(
        Message.objects.filter(message_id__in=[one for one in message_ids if one]).values_list(
            "message_id", "ticket_id"
        )
    )
    return next((known[one] for one in message_ids if one in known), None)


def ticket_of_number(subject: str, *, sender: str, customer_id: int | None) -> int | None:
    """Return the ticket whose number stands in the subject, if this sender has a part in it; else None."""
    for number in _NUMBER.findall(subject.upper()):
        ticket = Ticket.objects.filter(number=number).first()
        if ticket is not None and _has_part(ticket, sender, customer_id):
            return ticket.pk
    return None


def customer_of(*, email: str, phone: str, code: str, scope: str) -> int | None:
    """Return the customer whom one of these identities names, the surest first (one query); None when nobody is."""
    wanted = [
        (IdentityKind.CHANNEL.value, scope, code if "*" not in code else ""),
        (IdentityKind.EMAIL.value, "", normal_email(email)),
        (IdentityKind.PHONE.value, "", phone),
    ]
    keys = [key for key in wanted if key[2]]
    rows = Identity.objects.filter(value__in=[value for _kind, _scope, value in keys])
    known = {(row.kind, row.scope, row.value): row.customer_id for row in rows}
    return next((known[key] for key in keys if key in known), None)


def _has_part(ticket: Ticket, sender: str, customer_id: int | None) -> bool:
    if customer_id is not None and ticket.customer_id == customer_id:
        return True
    said = Message.objects.filter(ticket=ticket, direction=Direction.INBOUND, sender_address=sender)
    return bool(sender) and said.exists()


def _signature(ticket_id: int, secret: str) -> str:
    return salted_hmac(_SALT, str(ticket_id), secret=secret, algorithm="sha256").hexdigest()[:20]
