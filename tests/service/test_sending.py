"""Mail that leaves: threaded, at least once, never twice unmarked; and what never leaves."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.utils import timezone

from service import tasks
from service.adapters.mail import reply_mail
from service.models import Message, Note, Outgoing, Ticket
from service.selectors.threads import ticket_of_token
from service.services import reply_to_ticket, write_note
from tests.service.making import make_agent, make_inlet, make_lead, make_ticket, write

pytestmark = pytest.mark.django_db

SECRET = "SECRET-canary-note"


def owe(ticket, body="It left today.", key="k1"):
    ticket.refresh_from_db()
    owed = reply_to_ticket(ticket_id=ticket.pk, body=body, seen_version=ticket.version, key=key, actor=make_agent())
    Outgoing.objects.filter(pk=owed.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    return owed


def test_an_answer_leaves_once_threaded_for_both_sides():
    first = write()
    owed = owe(first.ticket)
    assert (tasks.send_replies(), tasks.send_replies()) == (1, 0)
    [sent] = mail.outbox
    assert (sent.to, sent.body) == (["minjun@mail.example"], "It left today.")
    assert sent.extra_headers["In-Reply-To"] == f"<{first.message_id}>"
    assert sent.extra_headers["References"] == f"<{first.message_id}>"
    assert sent.extra_headers["Message-ID"] == f"<{owed.message.message_id}>"
    assert ticket_of_token([sent.extra_headers["Reply-To"]]) == first.ticket_id
    owed.refresh_from_db()
    assert (owed.state, owed.sent_at is not None) == ("sent", True)
    # the customer's program answers to what we sent
    assert write(references=[owed.message.message_id], sender_address="else@mail.example").ticket == first.ticket


def test_killed_between_sending_and_marking_it_leaves_again_with_the_same_message_id(monkeypatch):
    owed = owe(make_ticket())

    def killed(**_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(tasks, "record_reply_sent", killed)
    with pytest.raises(KeyboardInterrupt):
        tasks.send_replies()
    monkeypatch.undo()
    assert tasks.send_replies() == 0  # not before its pause
    Outgoing.objects.update(due_at=timezone.now())
    assert tasks.send_replies() == 1
    assert [one.extra_headers["Message-ID"] for one in mail.outbox] == [f"<{owed.message.message_id}>"] * 2
    assert Outgoing.objects.get().state == "sent"


def test_a_server_that_is_away_costs_time_and_a_mailbox_that_is_gone_opens_the_ticket(monkeypatch, caplog):
    ticket = make_ticket()
    owe(ticket)
    failures = [
        SMTPServerDisconnected("minjun@mail.example"),
        SMTPRecipientsRefused({"minjun@mail.example": (550, b"")}),
    ]

    def fail(_self, **_kwargs):
        raise failures.pop(0)

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    tasks.send_replies()
    row = Outgoing.objects.get()
    assert (row.state, row.attempts, row.error) == ("owed", 1, "SMTPServerDisconnected")
    Outgoing.objects.update(due_at=timezone.now())
    tasks.send_replies()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == ("failed", 2, "SMTPRecipientsRefused")
    ticket.refresh_from_db()
    assert ticket.status == "open"
    assert ticket.waiting_since is not None
    assert "minjun" not in caplog.text


def test_what_killed_its_sender_eight_times_is_given_up():
    owe(make_ticket())
    Outgoing.objects.update(attempts=8)
    assert tasks.send_replies() == 0
    assert Outgoing.objects.get().state == "failed"
    assert mail.outbox == []


def test_an_internal_note_leaves_by_no_path():
    """Notes are another table: what sends takes messages, and no row that is owed can point to a note."""
    ticket = make_ticket()
    agent = make_agent()
    write_note(ticket_id=ticket.pk, body=SECRET, actor=agent)
    owe(ticket)
    # merged, split, linked by number: whatever brings texts together
    other = make_ticket(make_inlet())
    write_note(ticket_id=other.pk, body=SECRET, actor=agent)
    owe(other, key="k2")
    tasks.send_replies()
    assert len(mail.outbox) == 2
    assert all(SECRET not in one.message().as_string() for one in mail.outbox)
    assert not Message.objects.filter(body__contains=SECRET).exists()
    assert not Ticket.objects.filter(gist__contains=SECRET).exists()
    assert not Ticket.objects.filter(search_text__icontains=SECRET).exists()
    targets = {field.related_model for field in Outgoing._meta.concrete_fields if field.is_relation}
    assert targets == {Message}
    assert {field.related_model for field in Note._meta.related_objects} == set()
    with pytest.raises(AttributeError):
        reply_mail(Note.objects.first())
    assert make_lead() is not None
