"""Visitors write: each message once, as often as a person writes, to the ticket of their conversation."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from chat.models import Conversation, Widget
from chat.services.proving import customer_of_token, key_for, key_of_visitor
from core.errors import Conflict, InvalidInput
from service.models import Message
from service.services import GivenFile, Incoming, take_message
from service.services.intake.contact import TooManyMessages
from service.services.intake.knocking import knock
from staff.adapters.file_types import sniff

WINDOW = timedelta(minutes=10)
MOST_BEGUN = 5  # by one origin within the window
MOST_BEGUN_BY_ALL = 200
MOST_SAID = 60  # in one conversation within the window
MOST_IN_ALL = 500
LONGEST = 4_000
MOST_FILES = 3
LARGEST_FILE = 5 * 1024 * 1024
TAKEN_FILES = frozenset({"png", "jpeg", "webp", "gif", "pdf"})
SEEN_EVERY = timedelta(seconds=30)


class ChatMoved(Conflict):
    """Another page of the same visitor has said something since."""


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What a visitor tells us first; ``consent`` is the sentence that was agreed to, as it stood there."""

    nonce: str
    body: str
    consent: str
    language: str
    name: str = ""
    address: str = ""
    page: str = ""
    customer: str = ""  # the shop's token of who is logged in


@dataclass(frozen=True, kw_only=True)
class Visit:
    """The conversation and what was said in it just now."""

    conversation: Conversation
    message: Message
    is_new: bool = field(default=True)


def open_conversation(*, widget: Widget, token: str) -> Conversation | None:
    """Return the conversation that a visitor holds the token of; None when it is not one of this chat."""
    key = key_of_visitor(token)
    found = Conversation.objects.filter(key=key, widget=widget) if key else Conversation.objects.none()
    return found.select_related("widget").first()


@transaction.atomic
def begin_chat(*, widget_id: int, begun: Begun, origin: str) -> Visit:
    """Take in the first message of a visitor and open a conversation; the same nonce again returns the first.

    Who the shop's server signed for is that customer; a name that a visitor types is only a name. What was agreed to is
    kept with the message as it came. TooManyMessages beyond five within ten minutes of one origin; InvalidInput without
    words, for words that are too long, and without consent.
    """
    widget = _widget(widget_id)
    if len(begun.nonce) < 16 or not begun.consent:
        raise InvalidInput(_("Please agree first that we keep your message."))
    key = key_for(widget_id=widget.pk, nonce=begun.nonce)
    known = Conversation.objects.select_related("widget").filter(key=key).first()
    if known is not None:
        return Visit(conversation=known, message=_message(known, 1), is_new=False)
    _check_words(begun.body, ())
    _check_rate(f"chat:{widget.pk}:{origin}", MOST_BEGUN)
    _check_rate(f"chat:{widget.pk}", MOST_BEGUN_BY_ALL)
    now = timezone.now()
    customer = customer_of_token(begun.customer, inlet_code=widget.inlet.code, now=now)
    evidence = {"consent": begun.consent, "at": now.isoformat(), "page": begun.page[:500]}
    incoming = Incoming(
        external_id=f"{key}.1",
        message_id=_message_id(key, 1),
        subject=" ".join(begun.body.split())[:60],
        body=begun.body,
        sender_name=customer.name if customer else begun.name,
        sender_address=customer.email if customer else begun.address,
        sender_code=customer.code if customer else "",
        language=begun.language,
        raw=json.dumps(evidence, ensure_ascii=False).encode(),
    )
    taken = take_message(inlet_id=widget.inlet_id, incoming=incoming)
    values = {"widget": widget, "ticket_id": taken.message.ticket_id, "language": begun.language}
    conversation, _is_new = Conversation.objects.get_or_create(key=key, defaults=values)
    return Visit(conversation=conversation, message=taken.message)


@transaction.atomic
def say_in_chat(*, conversation_id: int, place: int, body: str, files: Sequence[GivenFile] = ()) -> Visit:
    """Take in what the visitor says next; ``place`` counts his messages, so that the same one again changes nothing.

    ChatMoved when another page of his has said something else at that place; TooManyMessages; InvalidInput for words
    that are too long and files that are no pictures and no PDF.
    """
    conversation = (
        Conversation.objects.select_for_update(of=("self",)).select_related("widget__inlet").get(pk=conversation_id)
    )
    _widget(conversation.widget_id)
    if 1 <= place <= conversation.said_count:
        known = _message(conversation, place)
        if known.body != body.replace("\x00", "").strip():
            raise ChatMoved(_("You wrote on another page meanwhile. Please send it again."))
        return Visit(conversation=conversation, message=known, is_new=False)
    if place != conversation.said_count + 1:
        raise ChatMoved(_("You wrote on another page meanwhile. Please send it again."))
    _check_words(body, files)
    _check_rate(f"chat:{conversation.key}", MOST_SAID)
    if place > MOST_IN_ALL:
        raise TooManyMessages(_("This conversation is full. Please begin another one."))
    first = _message(conversation, 1)
    incoming = Incoming(
        external_id=f"{conversation.key}.{place}",
        message_id=_message_id(conversation.key, place),
        in_reply_to=_message_id(conversation.key, place - 1),
        subject=first.subject,
        body=body,
        sender_name=first.sender_name,
        sender_address=first.sender_address,
        language=conversation.language,
        files=files,
    )
    taken = take_message(inlet_id=conversation.widget.inlet_id, incoming=incoming)
    conversation.said_count = place
    conversation.save(update_fields=["said_count"])
    return Visit(conversation=conversation, message=taken.message)


def note_visitor_seen(*, conversation: Conversation, has_read: bool = False) -> None:
    """Note that the visitor's page is open, at most twice a minute, and each time that it shows something new."""
    if has_read or conversation.seen_at < timezone.now() - SEEN_EVERY:
        Conversation.objects.filter(pk=conversation.pk).update(seen_at=Now())


def _widget(widget_id: int) -> Widget:
    found = Widget.objects.filter(pk=widget_id, is_active=True, inlet__is_active=True).select_related("inlet").first()
    if found is None:
        raise InvalidInput(_("This chat is closed."))
    return found


def _message(conversation: Conversation, place: int) -> Message:
    return Message.objects.get(inlet=conversation.widget.inlet_id, external_id=f"{conversation.key}.{place}")


def _message_id(key: str, place: int) -> str:
    return f"{key}.{place}@chat.invalid"


def _check_rate(origin: str, most: int) -> None:
    if knock(origin=origin, window=WINDOW, now=timezone.now()) > most:
        raise TooManyMessages(_("You have written several times just now. Please wait ten minutes."))


def _check_words(body: str, files: Sequence[GivenFile]) -> None:
    words = body.replace("\x00", "").strip()
    if not (words or files) or len(words) > LONGEST:
        raise InvalidInput(_("Write at most %(count)s characters.") % {"count": LONGEST})
    if len(files) > MOST_FILES or any(len(file.content) > LARGEST_FILE for file in files):
        raise InvalidInput(_("Send at most three files of 5 MB each."))
    if any(sniff(file.content) not in TAKEN_FILES for file in files):
        raise InvalidInput(_("Send pictures or PDF files."))
