"""What becomes of a mail: a message of its ticket, or set aside where a person finds it; no machine is answered."""

from email.message import EmailMessage

import pytest

from core.errors import InvalidInput, NotAllowed
from service.models import AsideMail, AsideReason, Message, Outgoing, OutgoingState, Ticket, TicketStatus
from service.selectors.threads import reply_address
from service.services import reply_to_ticket, resolve_ticket
from service.services.intake.knocking import forget_knocks
from service.services.intake.mails import let_mail_in, take_mail
from service.services.sending import record_reply_bounced, record_reply_sent
from tests.service.making import a_reason, make_agent, make_inlet, make_lead, make_ticket

pytestmark = pytest.mark.django_db


def mail(body="Where is it?", number=1, **headers):
    """Write a mail of a customer."""
    message = EmailMessage()
    values = {
        "From": "Minjun <minjun@mail.example>",
        "To": "help@shop.example",
        "Subject": "Parcel",
        "Message-ID": f"<{number}@mail.example>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    for name, value in values.items():
        if value:
            message[name] = value
    message.set_content(body)
    return message.as_bytes()


def answered(inlet):
    """Return a ticket with an answer that has left."""
    ticket = make_ticket(inlet)
    owed = reply_to_ticket(
        ticket_id=ticket.pk, body="Tomorrow", seen_version=ticket.version, key="k", actor=make_agent()
    )
    record_reply_sent(outgoing_id=owed.pk)
    return Ticket.objects.get(pk=ticket.pk), Message.objects.get(outgoing=owed)


def test_an_answer_finds_its_ticket_by_our_signed_address_and_by_the_ids_of_mails_but_not_by_words():
    inlet = make_inlet()
    ticket, ours = answered(inlet)
    by_token = take_mail(inlet_id=inlet.pk, raw=mail(number=11, To=reply_address(inlet.address, ticket.pk)))
    by_id = take_mail(inlet_id=inlet.pk, raw=mail("And now?", number=12, References=f"<{ours.message_id}> <x@y>"))
    by_words = take_mail(inlet_id=inlet.pk, raw=mail(number=13, From="x@else.example", Subject=f"Re: {ticket.number}"))
    assert [taken.message.ticket_id for taken in (by_token, by_id)] == [ticket.pk, ticket.pk]
    assert by_words.message.ticket_id != ticket.pk
    forged = reply_address(inlet.address, ticket.pk).replace("-", "-0", 1)
    assert take_mail(inlet_id=inlet.pk, raw=mail("x", number=14, To=forged)).message.ticket_id != ticket.pk


def test_the_same_mail_again_changes_nothing_and_another_one_under_its_id_is_another():
    inlet = make_inlet()
    first = take_mail(inlet_id=inlet.pk, raw=mail())
    again = take_mail(inlet_id=inlet.pk, raw=b"Received: by b.example\r\n" + mail())
    other = take_mail(inlet_id=inlet.pk, raw=mail("Something else"))
    assert (first.is_new, again.is_new, other.is_new) == (True, False, True)
    assert again.message == first.message
    assert Message.objects.count() == 2


def test_a_holiday_note_stays_with_its_ticket_and_wakes_nobody():
    inlet = make_inlet()
    ticket, ours = answered(inlet)
    note = mail("I am away", number=21, Auto_Submitted="auto-replied", In_Reply_To=f"<{ours.message_id}>")
    taken = take_mail(inlet_id=inlet.pk, raw=note)
    after = Ticket.objects.get(pk=ticket.pk)
    assert taken.message.ticket_id == ticket.pk
    assert taken.message.is_automatic
    assert (after.status, after.waiting_since) == (TicketStatus.WAITING_FOR_CUSTOMER, None)
    resolve_ticket(ticket_id=ticket.pk, reason_id=a_reason(), actor=make_agent())
    take_mail(
        inlet_id=inlet.pk, raw=mail("Still away", number=22, X_Autoreply="yes", References=f"<{ours.message_id}>")
    )
    assert Ticket.objects.get(pk=ticket.pk).status == TicketStatus.RESOLVED


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, AsideReason.AUTO_REPLY),
        ({"Return_Path": "<>"}, AsideReason.AUTO_REPLY),
        ({"Return_Path": "<>", "From": "mailer-daemon@mail.example"}, AsideReason.BOUNCE),
        ({"From": "Help <HELP+t1-0@shop.example>"}, AsideReason.OWN),
        ({"body": " ", "Subject": ""}, AsideReason.EMPTY),
    ],
)
def test_what_nobody_waits_for_is_set_aside_as_it_came(headers, reason):
    inlet = make_inlet(address="help@shop.example")
    values = dict(headers)
    raw = mail(values.pop("body", "x"), **values)
    taken = take_mail(inlet_id=inlet.pk, raw=raw)
    again = take_mail(inlet_id=inlet.pk, raw=raw)
    assert (taken.message, again.is_new) == (None, False)
    [aside] = AsideMail.objects.all()
    assert aside.reason == reason
    with aside.raw.open("rb") as file:
        assert file.read() == raw
    assert not Ticket.objects.exists()


def test_two_machines_that_answer_each_other_stop_after_thirty(monkeypatch):
    inlet = make_inlet()
    monkeypatch.setattr("service.services.intake.mails.MOST_AN_HOUR", 3)
    for number in range(5):
        take_mail(inlet_id=inlet.pk, raw=mail(f"Thank you for your mail {number}", number=number))
    take_mail(inlet_id=inlet.pk, raw=mail("Me too", number=9, From="other@mail.example"))
    assert Message.objects.count() == 4
    assert [row.reason for row in AsideMail.objects.all()] == [AsideReason.FLOOD, AsideReason.FLOOD]
    assert forget_knocks() == 0


def test_what_nobody_can_read_is_kept():
    inlet = make_inlet()
    nested = b"".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n'.encode() for n in range(300))
    taken = take_mail(inlet_id=inlet.pk, raw=nested)
    assert taken.aside.reason == AsideReason.UNREADABLE
    assert not take_mail(inlet_id=inlet.pk, raw=nested).is_new


def returned(message_id, action="failed"):
    """Write a delivery report about one of our mails."""
    return (
        "From: MAILER-DAEMON@mail.example\r\nReturn-Path: <>\r\nMessage-ID: <3@mail.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\n"
        f"Final-Recipient: rfc822; x@mail.example\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n"
        f"--B\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{message_id}>\r\n\r\nTomorrow\r\n--B--\r\n"
    ).encode()


def test_an_answer_that_comes_back_is_not_delivered_and_the_ticket_waits_for_us_again():
    inlet = make_inlet()
    ticket, ours = answered(inlet)
    take_mail(inlet_id=inlet.pk, raw=returned(ours.message_id, "delayed"))
    assert Outgoing.objects.get().state == OutgoingState.SENT
    take_mail(inlet_id=inlet.pk, raw=returned(ours.message_id).replace(b"<3@", b"<4@"))
    owed = Outgoing.objects.get()
    assert (owed.state, owed.error, owed.sent_at) == (OutgoingState.FAILED, "returned 5.1.1", None)
    after = Ticket.objects.get(pk=ticket.pk)
    assert after.status == TicketStatus.OPEN
    assert after.waiting_since is not None
    assert record_reply_bounced(message_ids=[ours.message_id], status="5.1.1") == 0


def test_a_mail_without_words_says_its_subject():
    taken = take_mail(inlet_id=make_inlet().pk, raw=mail("\n", Subject="환불해 주세요"))
    assert (taken.message.body, taken.message.ticket.subject) == ("환불해 주세요", "환불해 주세요")


def test_a_person_may_let_in_what_was_set_aside_once():
    inlet = make_inlet()
    aside = take_mail(inlet_id=inlet.pk, raw=mail(Auto_Submitted="auto-replied")).aside
    with pytest.raises(NotAllowed):
        let_mail_in(aside_id=aside.pk, actor=make_agent())
    lead = make_lead()
    message = let_mail_in(aside_id=aside.pk, actor=lead)
    assert let_mail_in(aside_id=aside.pk, actor=lead) == message
    assert (message.body, message.is_automatic) == ("Where is it?", True)
    assert not take_mail(inlet_id=inlet.pk, raw=mail(Auto_Submitted="auto-replied")).is_new
    with pytest.raises(InvalidInput):
        let_mail_in(aside_id=0, actor=lead)
