"""Answers: refused when the conversation has moved on, taken back while they may be, once for one key."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from core.errors import Conflict, InvalidInput, NotAllowed
from service.models import Draft, InletKind, Message, Note, Outgoing, Ticket
from service.services import (
    ConversationMoved,
    GivenFile,
    claim_reply,
    mark_sent_by_hand,
    reply_to_ticket,
    save_reply_draft,
    undo_reply,
    write_note,
)
from tests.factories import make_user
from tests.service.making import make_agent, make_inlet, make_lead, make_ticket, write

pytestmark = pytest.mark.django_db


def reply(ticket, actor, **over):
    values = {"body": "It left today.", "seen_version": 1, "key": "k1", **over}
    return reply_to_ticket(ticket_id=ticket.pk, actor=actor, **values)


def test_an_answer_is_owed_once_for_one_key_and_the_ticket_waits():
    agent, first = make_agent(), write()
    save_reply_draft(ticket_id=first.ticket_id, body="It le", seen_version=1, actor=agent)
    owed = reply(first.ticket, agent)
    assert reply(first.ticket, agent, body="again").pk == owed.pk
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.version, ticket.message_count) == ("waiting_for_customer", 2, 2)
    assert (ticket.assignee, ticket.waiting_since) == (agent, None)
    message = owed.message
    assert (message.recipient, message.in_reply_to) == ("minjun@mail.example", first.message_id)
    assert message.references == [first.message_id]
    assert message.subject == f"Re: Parcel [{ticket.number}]"
    assert (owed.way, owed.state) == ("mail", "owed")
    assert timedelta(seconds=10) < owed.due_at - timezone.now() <= timedelta(seconds=15)
    assert not Draft.objects.exists()


def test_an_answer_to_what_has_moved_on_is_refused_and_kept_as_a_draft():
    agent, first = make_agent(), write()
    write(in_reply_to=first.message_id, body="It came, thank you")
    write_note(ticket_id=first.ticket_id, body="VIP", actor=make_agent())
    with pytest.raises(ConversationMoved) as refused:
        reply(first.ticket, agent)
    assert refused.value.since == 1
    assert str(refused.value).startswith("2 entries are new")
    assert not Outgoing.objects.exists()
    assert Message.objects.filter(direction="outbound").count() == 0
    draft = Draft.objects.get()
    assert (draft.user, draft.body, draft.seen_version) == (agent, "It left today.", 1)
    assert reply(first.ticket, agent, seen_version=3).state == "owed"


def test_undo_brings_back_words_and_ticket_until_it_has_left():
    agent, first = make_agent(), write()
    owed = reply(first.ticket, agent)
    undo_reply(outgoing_id=owed.pk, actor=agent)
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.message_count, ticket.waiting_since) == ("new", 1, first.at)
    assert Draft.objects.get().body == "It left today."
    assert claim_reply(now=timezone.now() + timedelta(hours=1)) is None
    second = reply(first.ticket, agent, key="k2", seen_version=3)
    assert claim_reply(now=timezone.now() + timedelta(minutes=1)) is not None
    with pytest.raises(Conflict):
        undo_reply(outgoing_id=second.pk, actor=agent)
    second.refresh_from_db()
    assert second.state == "owed"


def test_only_the_writer_or_who_directs_takes_back():
    owed = reply(make_ticket(), make_agent())
    with pytest.raises(NotAllowed):
        undo_reply(outgoing_id=owed.pk, actor=make_agent())
    assert undo_reply(outgoing_id=owed.pk, actor=make_lead()).state == "undone"


def test_a_later_time_is_kept_and_an_impossible_one_refused():
    agent, ticket = make_agent(), make_ticket()
    at = timezone.now() + timedelta(days=1)
    for wrong in (timezone.now() - timedelta(hours=1), timezone.now() + timedelta(days=31)):
        with pytest.raises(InvalidInput):
            reply(ticket, agent, send_at=wrong)
    assert not Outgoing.objects.exists()
    assert reply(ticket, agent, send_at=at).due_at == at
    assert claim_reply(now=timezone.now() + timedelta(hours=2)) is None


def test_no_empty_words_no_programs_and_nobody_without_the_right():
    ticket, agent = make_ticket(), make_agent()
    with pytest.raises(InvalidInput):
        reply(ticket, agent, body="  ")
    with pytest.raises(InvalidInput):
        reply(ticket, agent, files=[GivenFile(name="a.pdf", content=b"MZ program")])
    with pytest.raises(NotAllowed):
        reply(ticket, make_user(permissions=["service.view_ticket"]))
    assert not Outgoing.objects.exists()
    assert not Draft.objects.exists()


def test_where_no_mail_leaves_somebody_sends_by_hand_and_says_so():
    agent = make_agent()
    ticket = make_ticket(make_inlet(kind=InletKind.MALL), sender_address="")
    owed = reply(ticket, agent)
    assert owed.way == "by_hand"
    assert claim_reply(now=timezone.now() + timedelta(days=1)) is None
    assert mark_sent_by_hand(outgoing_id=owed.pk, actor=agent).state == "sent"
    mailed = reply(make_ticket(), agent, key="k2")
    with pytest.raises(InvalidInput):
        mark_sent_by_hand(outgoing_id=mailed.pk, actor=agent)


def test_what_was_said_cannot_be_changed_or_removed():
    write()
    write_note(ticket_id=Ticket.objects.get().pk, body="VIP", actor=None)
    for change in (
        lambda: Message.objects.update(body="other"),
        lambda: Message.objects.all().delete(),
        lambda: Note.objects.update(body="other"),
        lambda: Note.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert (Message.objects.get().body, Note.objects.get().body) == ("Where is my parcel?", "VIP")
