"""An erasure takes names, words and files out of tickets; the ledger of messages is closed to everybody else."""

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from customers.models import Customer
from privacy.records import record_class
from service.models import Message, Note, Ticket
from service.services import write_note
from service.services.forgetting import forget_asker
from tests.factories import make_customer, make_user
from tests.service.making import make_ticket

pytestmark = pytest.mark.django_db


def asked():
    customer = make_customer(country="KR")
    ticket = make_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(customer=customer, sender_address="minjun@example.com")
    write_note(ticket_id=ticket.pk, body="Kim called", actor=make_user(permissions=("service.work_on_ticket",)))
    return customer, ticket


def test_names_words_and_notes_leave_and_the_count_stays():
    customer, ticket = asked()
    assert forget_asker(customer_id=customer.pk) == 1
    ticket.refresh_from_db()
    assert (ticket.subject, ticket.sender_name, ticket.sender_address, ticket.gist) == ("", "", "", "")
    assert ticket.search_text == ticket.number.lower()
    message = Message.objects.get(ticket=ticket)
    assert (message.body, message.html, message.sender_name, message.sender_address) == ("", "", "", "")
    assert Note.objects.get(ticket=ticket).body == "–"
    with pytest.raises(DatabaseError), transaction.atomic():
        Message.objects.update(body="changed")


def test_what_is_unsolved_blocks_and_what_is_kept_is_whole():
    customer, ticket = asked()
    known = record_class("service.tickets")
    held = known.holding(customer.pk, timezone.localdate())
    assert (held.count, held.blocked) == (1, f"Ticket {ticket.number} is not resolved. Resolve it first.")
    (row,) = known.collect(customer.pk)
    assert row["number"] == ticket.number
    assert row["messages"][0]["body"] == Message.objects.get(ticket=ticket).body
    assert Customer.objects.filter(pk=customer.pk).exists()
