"""Mails are fetched from a real IMAP server: each at least once, and taken in once."""

import logging
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import InvalidInput, NotAllowed
from service import tasks
from service.adapters.imap import Access, MailboxError, open_box
from service.models import AsideMail, AsideReason, Inlet, InletKind, Mailbox, Message, Ticket
from service.services.intake.fetching import (
    claim_mailbox,
    note_position,
    record_mailbox_checked,
    record_mailbox_failed,
    save_mailbox,
    tell_of_silent_inlets,
)
from staff.models import Notification
from tests.service.mail_server import PASSWORD, free_port, needs_dovecot, run_dovecot
from tests.service.making import make_agent, make_inlet, make_lead

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def dovecot():
    with run_dovecot() as server:
        yield server


@pytest.fixture
def fetched(dovecot, settings):
    """A box of a server of its own name, claimed by nobody yet."""
    return make_mailbox(dovecot.port, settings)


def make_mailbox(port=993, settings=None, **over):
    """Make an inlet with its mailbox."""
    inlet = make_inlet()
    if settings is not None:
        settings.MAILBOX_PASSWORDS = {inlet.code.upper().replace("-", "_"): PASSWORD}
    values = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "username": inlet.code,
        "folder": "INBOX",
        "takes_since": timezone.now().date() - timedelta(days=2),
        "is_active": True,
        **over,
    }
    return save_mailbox(inlet_id=inlet.pk, values=values, actor=None)


def name_of(box):
    return box.inlet.code


def mail(number, body="Where is my parcel?", **headers):
    message = EmailMessage()
    message["From"] = "Minjun <minjun@mail.example>"
    message["To"] = "help@shop.example"
    message["Subject"] = f"Parcel {number}"
    message["Message-ID"] = f"<{number}@mail.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message.as_bytes()


@needs_dovecot
def test_what_lies_in_the_box_becomes_tickets_once(dovecot, fetched):
    dovecot.deliver(name_of(fetched), mail(1), mail(2, "반품이요"), mail(3, In_Reply_To="<1@mail.example>"))
    assert tasks.fetch_mails() == 1
    assert [len(ticket.messages.all()) for ticket in Ticket.objects.order_by("pk")] == [2, 1]
    first = Message.objects.earliest("pk")
    assert (first.body, first.sender_name, first.subject) == ("Where is my parcel?", "Minjun", "Parcel 1")
    with first.raw.open("rb") as file:
        assert b"Message-ID: <1@mail.example>" in file.read()
    fetched.refresh_from_db()
    assert (fetched.last_uid, fetched.lease, fetched.error) == (3, "", "")
    assert Inlet.objects.get().checked_at is not None
    assert dovecot.unread_of(name_of(fetched)) == 3  # whoever reads the box by another program sees what is new
    assert tasks.fetch_mails() == 0  # it is due again in a minute

    Mailbox.objects.update(due_at=timezone.now())
    dovecot.deliver(name_of(fetched), mail(4))
    assert tasks.fetch_mails() == 1
    assert Message.objects.count() == 4


@needs_dovecot
def test_a_worker_killed_between_taking_and_noting_takes_nothing_twice(dovecot, fetched, monkeypatch):
    dovecot.deliver(name_of(fetched), mail(1), mail(2))

    def die(**_values):
        raise KeyboardInterrupt

    monkeypatch.setattr(tasks, "note_position", die)
    with pytest.raises(KeyboardInterrupt):
        tasks.fetch_mails()
    assert Message.objects.count() == 1
    monkeypatch.setattr(tasks, "note_position", note_position)
    assert tasks.fetch_mails() == 0  # the dead one's lease
    Mailbox.objects.update(leased_until=timezone.now())
    fetched.refresh_from_db()
    assert fetched.last_uid == 0
    assert tasks.fetch_mails() == 1
    assert Message.objects.count() == 2


@needs_dovecot
def test_a_box_that_was_numbered_anew_is_read_again_and_nothing_is_taken_twice(dovecot, fetched):
    dovecot.deliver(name_of(fetched), mail(1), mail(2))
    tasks.fetch_mails()
    before = Mailbox.objects.get().uid_validity
    dovecot.number_anew(name_of(fetched))
    dovecot.deliver(name_of(fetched), mail(3))
    Mailbox.objects.update(due_at=timezone.now(), uid_validity=1)
    tasks.fetch_mails()
    fetched.refresh_from_db()
    assert before != 1
    assert fetched.last_uid == 3
    assert Message.objects.count() == 3


@needs_dovecot
def test_a_box_that_refuses_is_told_at_once_and_tried_later(dovecot, fetched, settings, caplog):
    lead = make_lead()
    settings.MAILBOX_PASSWORDS = dict.fromkeys(settings.MAILBOX_PASSWORDS, "Wr0ng-word")
    with caplog.at_level(logging.DEBUG):
        assert tasks.fetch_mails() == 1
    fetched.refresh_from_db()
    assert (fetched.error, fetched.failure_count, fetched.lease) == ("refused", 1, "")
    assert fetched.due_at > timezone.now() + timedelta(seconds=100)
    assert Inlet.objects.get().checked_at is None
    assert [row.data["reason"] for row in Notification.objects.filter(user=lead)] == ["inlet_refuses"]
    assert "Wr0ng-word" not in caplog.text
    assert name_of(fetched) not in caplog.text

    settings.MAILBOX_PASSWORDS = dict.fromkeys(settings.MAILBOX_PASSWORDS, PASSWORD)
    Mailbox.objects.update(due_at=timezone.now())
    tasks.fetch_mails()
    fetched.refresh_from_db()
    assert (fetched.error, fetched.failure_count) == ("", 0)
    assert Notification.objects.get(user=lead).read_at is not None


@needs_dovecot
def test_a_mail_that_is_too_large_is_set_aside_by_its_head(dovecot, fetched, monkeypatch):
    monkeypatch.setattr(tasks, "LARGEST", 2000)
    dovecot.deliver(name_of(fetched), mail(1, "x" * 3000), mail(2))
    tasks.fetch_mails()
    [aside] = AsideMail.objects.all()
    assert (aside.reason, aside.subject, aside.sender_address) == (
        AsideReason.TOO_LARGE, "Parcel 1", "minjun@mail.example",
    )  # fmt: skip
    assert Message.objects.count() == 1


@needs_dovecot
def test_mails_from_before_the_chosen_day_stay_in_the_box(dovecot, settings):
    box = make_mailbox(dovecot.port, settings, takes_since=timezone.now().date() + timedelta(days=2))
    dovecot.deliver(name_of(box), mail(1))
    assert tasks.fetch_mails() == 1
    assert Message.objects.count() == 0


@needs_dovecot
def test_another_folder_that_is_not_there_is_a_word_of_ours(dovecot):
    access = Access(
        host="127.0.0.1", port=dovecot.port, security="none", username="x", password=PASSWORD, folder='No "such" one'
    )
    with pytest.raises(MailboxError) as caught, open_box(access):
        pass
    assert caught.value.reason == "no folder"


def test_a_server_that_does_not_answer_is_tried_after_doubling_pauses(settings):
    box = make_mailbox(free_port(), settings)
    lead = make_lead()
    pauses = []
    for _turn in range(6):
        Mailbox.objects.update(due_at=timezone.now())
        now = timezone.now()
        assert tasks.fetch_mails() == 1
        box.refresh_from_db()
        pauses.append(round((box.due_at - now).total_seconds() / 60))
    assert pauses == [2, 4, 8, 16, 30, 30]
    assert box.error == "unreachable"
    assert Notification.objects.filter(user=lead).count() == 1  # one silence, one bell


def test_without_a_password_nobody_connects():
    box = make_mailbox()
    assert tasks.fetch_mails() == 1
    box.refresh_from_db()
    assert box.error == "no password"


def test_a_claimed_box_is_nobody_elses_until_its_lease_ends():
    make_mailbox()
    now = timezone.now()
    first = claim_mailbox(now=now)
    assert first is not None
    assert claim_mailbox(now=now + timedelta(minutes=9)) is None
    second = claim_mailbox(now=now + timedelta(minutes=11))
    assert second is not None
    # the first one was only slow: it may neither move the position nor give the box back
    assert not note_position(fetch=first, uid_validity=1, uid=7)
    record_mailbox_checked(fetch=first)
    record_mailbox_failed(fetch=first, reason="broken")
    box = Mailbox.objects.get()
    assert (box.lease, box.last_uid, box.failure_count) == (second.lease, 0, 0)
    assert note_position(fetch=second, uid_validity=1, uid=7)


def test_a_password_is_in_no_repr_and_no_row():
    make_mailbox()
    fetch = claim_mailbox(now=timezone.now())
    assert "password=" not in repr(fetch)
    assert "password" not in {field.name for field in Mailbox._meta.get_fields()}


def test_another_place_begins_from_its_start_and_the_same_goes_on():
    box = make_mailbox()
    Mailbox.objects.update(uid_validity=5, last_uid=9)
    values = {name: getattr(box, name) for name in (
        "host", "port", "security", "username", "folder", "takes_since", "is_active",
    )}  # fmt: skip
    save_mailbox(inlet_id=box.inlet_id, values=values, actor=None)
    assert Mailbox.objects.get().last_uid == 9
    save_mailbox(inlet_id=box.inlet_id, values={**values, "folder": "Help"}, actor=None)
    assert (Mailbox.objects.get().last_uid, Mailbox.objects.get().uid_validity) == (0, None)


def test_refusals_change_nothing():
    box = make_mailbox()
    values = {"host": "mail.example", "port": 143, "security": "none", "username": "x", "folder": "INBOX"}
    with pytest.raises(InvalidInput):
        save_mailbox(inlet_id=box.inlet_id, values=values, actor=None)
    with pytest.raises(NotAllowed):
        save_mailbox(inlet_id=box.inlet_id, values=values, actor=make_agent())
    with pytest.raises(InvalidInput):
        save_mailbox(inlet_id=make_inlet(kind=InletKind.PHONE).pk, values=values, actor=None)
    assert Mailbox.objects.get().host == "127.0.0.1"
    with pytest.raises(IntegrityError), transaction.atomic():
        Mailbox.objects.update(host="mail.example")


def test_a_box_nobody_looks_into_rings_once_for_each_silence():
    lead, _agent = make_lead(), make_agent()
    box = make_mailbox()
    now = timezone.now()
    assert tell_of_silent_inlets(now=now) == 0  # it is new
    later = now + timedelta(minutes=50)
    assert tell_of_silent_inlets(now=later) == 1
    assert tell_of_silent_inlets(now=later) == 0
    told = Notification.objects.get()
    assert (told.user, told.data["reason"], told.data["number"]) == (lead, "inlet_silent", name_of(box))
    Inlet.objects.update(checked_at=now)
    assert tell_of_silent_inlets(now=now + timedelta(minutes=40)) == 0
    assert tell_of_silent_inlets(now=later) == 1
