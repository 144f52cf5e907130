"""Answers leave by a real SMTP server: as a customer's program receives them, with what can go wrong on the way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from service import tasks
from service.models import Outgoing, Ticket
from service.selectors.threads import ticket_of_token
from service.services import GivenFile, reply_to_ticket
from service.services.intake.mails import take_mail
from tests.service.mail_server import Postbox, run_smtp
from tests.service.making import make_agent, make_inlet, write

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 receipt"


@pytest.fixture
def postbox(settings):
    with run_smtp() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", box.port, 10
        yield box


def owe(ticket: Ticket, body: str = "오늘 출발했습니다. 本日発送しました。", **over: object) -> Outgoing:
    ticket.refresh_from_db()
    values = {"ticket_id": ticket.pk, "body": body, "seen_version": ticket.version, "key": "k", "actor": make_agent()}
    owed = reply_to_ticket(**{**values, **over})
    make_due()
    return owed


def make_due() -> None:
    Outgoing.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def test_an_answer_arrives_threaded_with_its_words_and_files(postbox: Postbox):
    inlet = make_inlet(name='고객센터 "도움"', address="help@shop.example")
    asked = write(inlet, subject="배송 문의")
    owed = owe(asked.ticket, files=[GivenFile(name="영수증.pdf", content=PDF)])
    assert tasks.send_replies() == 1
    [(recipients, _raw)], [mail] = postbox.taken, postbox.mails()
    assert recipients == ["minjun@mail.example"]
    assert mail["Message-ID"] == f"<{owed.message.message_id}>"
    assert (mail["In-Reply-To"], mail["References"]) == (f"<{asked.message_id}>",) * 2
    assert mail["Subject"] == f"Re: 배송 문의 [{asked.ticket.number}]"
    assert mail["From"].addresses[0].display_name == "고객센터 도움"
    assert ticket_of_token([mail["Reply-To"]]) == asked.ticket_id
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "오늘 출발했습니다. 本日発送しました。"
    [file] = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("영수증.pdf", PDF)
    assert Outgoing.objects.get().state == "sent"


def test_a_connection_lost_after_the_words_sends_the_same_mail_again(postbox: Postbox):
    """The server took it and could not say so: it comes once more, and a program that looks at ids shows it once."""
    owed = owe(write().ticket)
    postbox.drops_after_data = True
    assert tasks.send_replies() == 1
    row = Outgoing.objects.get()
    assert (row.state, row.attempts) == ("owed", 1)
    postbox.drops_after_data = False
    assert tasks.send_replies() == 0  # not before its pause
    make_due()
    assert tasks.send_replies() == 1
    assert [mail["Message-ID"] for mail in postbox.mails()] == [f"<{owed.message.message_id}>"] * 2
    assert len({mail.get_content() for mail in postbox.mails()}) == 1
    assert Outgoing.objects.get().state == "sent"


def test_a_server_that_is_away_or_busy_is_asked_again(postbox: Postbox, settings):
    owe(write().ticket)
    postbox.answer = "451 try again later"
    tasks.send_replies()
    assert (Outgoing.objects.get().state, postbox.taken) == ("owed", [])
    settings.EMAIL_PORT = 1  # nobody listens there
    make_due()
    tasks.send_replies()
    assert (Outgoing.objects.get().state, Outgoing.objects.get().attempts) == ("owed", 2)
    settings.EMAIL_PORT, postbox.answer = postbox.port, "250 OK"
    make_due()
    tasks.send_replies()
    assert (Outgoing.objects.get().state, len(postbox.taken)) == ("sent", 1)


def test_a_mail_that_is_returned_lets_the_ticket_wait_for_us_again(postbox: Postbox):
    asked = write(make_inlet(address="help@shop.example"))
    owe(asked.ticket)
    tasks.send_replies()
    [sent] = postbox.mails()
    returned = (
        "From: MAILER-DAEMON@mx.example\r\nTo: help@shop.example\r\nSubject: Undelivered\r\n"
        "Message-ID: <b1@mx.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nNo such user\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        "Final-Recipient: rfc822; minjun@mail.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--B\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {sent['Message-ID']}\r\n\r\n--B--\r\n"
    )
    take_mail(inlet_id=asked.inlet_id, raw=returned.encode())
    row = Outgoing.objects.get()
    assert (row.state, row.error) == ("failed", "returned 5.1.1")
    asked.ticket.refresh_from_db()
    assert (asked.ticket.status, asked.ticket.message_count) == ("open", 2)
