"""What comes in: once each, to the ticket it belongs to, and harmless."""

import pytest

from core.errors import InvalidInput
from core.models import EventRecord
from customers.models import Identity
from service.models import Attachment, InletKind, Message, Ticket, TicketOrder
from service.selectors.threads import reply_address
from service.services import GivenFile, Incoming, resolve_ticket, take_message
from tests.factories import make_channel, make_customer, make_order, make_variant
from tests.service.making import a_reason, make_agent, make_inlet, make_ticket, write

pytestmark = pytest.mark.django_db


def test_a_message_opens_a_ticket_and_the_same_again_changes_nothing():
    inlet = make_inlet()
    first = write(inlet, external_id="a-1", subject="  Where\n is it? ")
    again = take_message(inlet_id=inlet.pk, incoming=Incoming(external_id="a-1", body="other words"))
    assert (again.message.pk, again.is_new) == (first.pk, False)
    ticket = Ticket.objects.get()
    assert (ticket.number[:2], ticket.subject, ticket.status) == ("Q-", "Where is it?", "new")
    assert (ticket.version, ticket.message_count, ticket.gist) == (1, 1, "Where is my parcel?")
    inlet.refresh_from_db()
    assert inlet.heard_at is not None
    assert write(make_inlet(), external_id="a-1").pk != first.pk  # another inlet has ids of its own


def test_nothing_is_taken_without_an_id_words_or_an_inlet_that_listens():
    inlet = make_inlet()
    off = make_inlet(is_active=False)
    for where, incoming in (
        (inlet, Incoming(external_id="", body="x")),
        (inlet, Incoming(external_id="1", body=" \n ")),
        (off, Incoming(external_id="1", body="x")),
    ):
        with pytest.raises(InvalidInput):
            take_message(inlet_id=where.pk, incoming=incoming)
    assert not Ticket.objects.exists()
    assert not EventRecord.objects.filter(name__startswith="service.").exists()


def test_the_signed_token_leads_back_and_a_forged_one_does_not():
    ticket = make_ticket()
    address = reply_address("help@shop.example", ticket.pk)
    assert write(to=[address.upper()], sender_address="other@mail.example").ticket == ticket
    forged = address.replace(address[-14:-13], "0" if address[-14:-13] != "0" else "1")
    assert forged != address
    assert write(to=[forged], sender_address="other@mail.example").ticket != ticket


def test_references_lead_back_the_last_first_then_in_reply_to():
    one, other = write(subject="A"), write(subject="B")
    assert write(references=[one.message_id, other.message_id]).ticket == other.ticket
    assert write(in_reply_to=one.message_id).ticket == one.ticket
    assert write(references=["unknown@mail.example"], in_reply_to=one.message_id).ticket == one.ticket


def test_a_number_counts_only_from_a_sender_who_has_a_part_and_a_subject_alone_never():
    ticket = make_ticket(subject="My order")
    assert write(subject="Re: My order").ticket != ticket
    assert write(subject=f"Re: {ticket.number}", sender_address="stranger@mail.example").ticket != ticket
    assert write(subject=f"Re: My order [{ticket.number}]").ticket == ticket


def test_a_message_opens_a_resolved_ticket_again():
    first = write()
    resolve_ticket(ticket_id=first.ticket_id, reason_id=a_reason(), actor=make_agent())
    write(in_reply_to=first.message_id)
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.resolved_at, ticket.version, ticket.message_count) == ("open", None, 2, 2)
    assert EventRecord.objects.filter(name="service.message_taken", data__has_reopened=True).count() == 1


def test_the_customer_is_found_by_identities_and_never_made():
    customer = make_customer()
    Identity.objects.create(customer=customer, kind="email", value="minjun@mail.example")
    assert make_ticket(sender_address="Minjun@Mail.example").customer == customer
    assert make_ticket(sender_address="nobody@mail.example").customer is None
    channel = make_channel()
    Identity.objects.create(customer=customer, kind="channel", scope=channel.code, value="buyer7")
    mall = make_inlet(kind=InletKind.MALL, sales_channel=channel)
    assert make_ticket(mall, sender_address="", sender_code="buyer7").customer == customer
    assert make_ticket(mall, sender_address="", sender_code="bu***7").customer is None


def test_a_mall_names_the_order_but_a_stranger_learns_of_none():
    channel = make_channel()
    order = make_order((make_variant(), 1), sales_channel=channel, customer=make_customer())
    mall = make_inlet(kind=InletKind.MALL, sales_channel=channel)
    ticket = make_ticket(mall, order_number=order.external_number)
    ticket.refresh_from_db()
    assert (ticket.customer, ticket.orders.get().order) == (order.customer, order)
    stranger = make_ticket(make_inlet(sales_channel=channel), order_number=order.number)
    assert stranger.customer is None
    assert not TicketOrder.objects.filter(ticket=stranger).exists()


def test_html_is_kept_without_what_could_act_and_read_as_text():
    message = write(body="", html='<p>Hello</p><script>alert(1)</script><img src=x onerror="alert(1)"><p>you</p>')
    assert message.body == "Hello\nyou"
    assert "script" not in message.html
    assert "onerror" not in message.html


def test_files_are_kept_under_names_nobody_guesses_with_the_type_of_their_bytes(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 20
    message = write(
        files=[GivenFile(name="../../a.exe", content=png), GivenFile(name="empty", content=b"")], raw=b"raw"
    )
    attachment = Attachment.objects.get()
    assert (attachment.message, attachment.kind, attachment.size_bytes) == (message, "png", 28)
    assert ".." not in attachment.file.name
    assert attachment.file.name.startswith("tickets/files/")
    with message.raw.open() as raw:
        assert raw.read() == b"raw"
    assert Message.objects.get().raw.name.startswith("tickets/raw/")
