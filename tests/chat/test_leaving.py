"""Visitors who closed the page: the answer follows them by mail, once, and never for who has read it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from chat.models import Conversation
from chat.services.leaving import mail_unseen_answers
from chat.tasks import mail_unseen
from core.models import EventRecord
from service import tasks
from service.models import InletKind, Message, Outgoing, Ticket
from service.selectors.conversation import entries_of
from service.selectors.threads import reply_address
from service.services import undo_reply, write_note
from service.services.intake.mails import take_mail
from tests.chat.making import make_widget
from tests.chat.test_visiting import answer_as_agent, begin, bodies
from tests.service.making import make_agent, make_inlet, make_lead

pytestmark = pytest.mark.django_db
ADDRESS = "mina@mail.example"


@pytest.fixture
def ask():
    """A visitor asks with an address; the chat's inlet has one unless told otherwise. Return the answer, the token."""

    def talk(*, ours="help@shop.example", theirs=ADDRESS):
        make_widget(inlet=make_inlet(code="shop", kind=InletKind.CHAT, name="Shop", language="en", address=ours))
        _answer, told = begin(address=theirs)
        owed = answer_as_agent(Ticket.objects.get())
        tasks.send_replies()
        return owed, told["token"]

    return talk


def let_pass(minutes=5):
    """Let the answer be that old; the visitor was seen before it."""
    then = timezone.now() - timedelta(minutes=minutes)
    Outgoing.objects.update(due_at=then, sent_at=then)
    Conversation.objects.update(seen_at=then - timedelta(seconds=1))


def test_who_left_gets_the_answer_by_mail_and_reads_it_in_the_chat_later(ask):
    owed, token = ask()
    let_pass()
    assert (mail_unseen(), mail_unseen()) == (1, 0)
    tasks.send_replies()
    tasks.send_replies()
    [sent] = mail.outbox
    assert (sent.to, sent.body, sent.from_email) == ([ADDRESS], "Yes, to 30 m.", '"Shop" <help@shop.example>')
    owed.refresh_from_db()
    assert (owed.state, owed.way) == ("sent", "mail")
    assert bodies(token) == [(False, "Is it waterproof?"), (True, "Yes, to 30 m.")]
    names = EventRecord.objects.filter(name__startswith="service.reply_").order_by("pk").values_list("name", flat=True)
    assert list(names) == [
        "service.reply_written", "service.reply_sent", "service.reply_goes_by_mail", "service.reply_sent",
    ]  # fmt: skip


def test_the_conversation_tells_that_it_went_by_mail(ask):
    ask()
    ticket = Ticket.objects.get()

    def told():
        entries = entries_of(ticket=ticket, since=ticket.version, user=make_lead())
        return [entry.has_left for entry in entries]

    assert told() == [False, False]
    let_pass()
    mail_unseen()
    tasks.send_replies()
    assert told() == [False, True]


def test_what_is_written_back_stands_in_the_same_ticket(ask):
    ask()
    let_pass()
    mail_unseen()
    tasks.send_replies()
    ticket = Ticket.objects.get()
    to = reply_address("help@shop.example", ticket.pk)
    raw = f"From: Mina <{ADDRESS}>\nTo: {to}\nSubject: Re\nMessage-ID: <1@mail.example>\n\nThank you!\n"
    take_mail(inlet_id=make_inlet(address="help@shop.example").pk, raw=raw.encode())
    assert "In-Reply-To" not in mail.outbox[0].extra_headers
    assert "chat.invalid" not in str(mail.outbox[0].message())
    assert Ticket.objects.count() == 1
    assert Message.objects.filter(ticket=ticket, body__startswith="Thank you!").exists()
    assert answer_as_agent(ticket, body="You are welcome.", key="k2").way == "mail"


def test_who_has_read_it_gets_no_mail(ask):
    _owed, token = ask()
    let_pass()
    assert len(bodies(token)) == 2  # the page is open: it shows the answer
    assert mail_unseen() == 0


@pytest.mark.parametrize("minutes", [1, 60 * 25])
def test_neither_at_once_nor_days_later(ask, minutes):
    ask()
    let_pass(minutes)
    assert mail_unseen() == 0


@pytest.mark.parametrize("who", [{"ours": ""}, {"theirs": ""}])
def test_without_an_address_the_answer_waits_in_the_chat(ask, who):
    owed, token = ask(**who)
    let_pass()
    assert mail_unseen() == 0
    owed.refresh_from_db()
    assert (owed.state, owed.way) == ("sent", "chat")
    assert len(bodies(token)) == 2


def test_what_goes_by_mail_cannot_be_taken_back(ask):
    owed, _token = ask()
    let_pass()
    mail_unseen()
    with pytest.raises(Exception, match="too late"):
        undo_reply(outgoing_id=owed.pk, actor=make_lead())
    assert mail.outbox == []


def test_a_mail_that_does_not_leave_brings_the_ticket_back(ask, monkeypatch):
    owed, _token = ask()
    let_pass()
    mail_unseen()
    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", _refuse)
    for _attempt in range(8):
        Outgoing.objects.update(due_at=timezone.now())
        tasks.send_replies()
    owed.refresh_from_db()
    assert (owed.state, Ticket.objects.get().status) == ("failed", "open")


def test_a_note_goes_no_such_way(ask):
    ask()
    ticket = Ticket.objects.get()
    write_note(ticket_id=ticket.pk, body="SECRET-note", actor=make_agent())
    let_pass()
    mail_unseen_answers(now=timezone.now())
    tasks.send_replies()
    assert len(mail.outbox) == 1
    assert "SECRET" not in str(mail.outbox[0].message())


def _refuse(*_args, **_kwargs):
    raise OSError
