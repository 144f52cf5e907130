"""Merging and splitting, and the way back from both."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import InvalidInput, NotAllowed
from core.models import EventRecord
from service.models import Message, Note, Outgoing, Ticket, TicketMerge, TicketSplit
from service.services import (
    merge_tickets,
    reply_to_ticket,
    resolve_ticket,
    split_ticket,
    undo_split,
    unmerge_ticket,
    write_note,
)
from tests.orders.stories import assert_sound
from tests.service.making import a_reason, make_agent, make_lead, write

pytestmark = pytest.mark.django_db


def state(ticket_id):
    row = Ticket.objects.get(pk=ticket_id)
    return row.status, row.waiting_since, row.message_count, row.merged_into_id


def test_undoing_a_merge_restores_both_as_they_were():
    lead, earlier = make_lead(), timezone.now() - timedelta(hours=3)
    first, second = write(), write(at=earlier)
    resolve_ticket(ticket_id=first.ticket_id, reason_id=a_reason(), actor=lead)
    before = (state(first.ticket_id), state(second.ticket_id))
    merge_tickets(ticket_id=second.ticket_id, into_id=first.ticket_id, actor=lead)
    assert state(first.ticket_id) == ("open", earlier, 1, None)  # it waits for us, as the other one did
    unmerge_ticket(ticket_id=second.ticket_id, actor=lead)
    assert (state(first.ticket_id), state(second.ticket_id)) == before
    assert TicketMerge.objects.get().undone_at is not None
    with pytest.raises(InvalidInput):
        unmerge_ticket(ticket_id=second.ticket_id, actor=lead)
    assert_sound()


def test_what_was_said_meanwhile_goes_back_to_where_it_belongs():
    lead = make_lead()
    first, second = write(), write()
    merge_tickets(ticket_id=second.ticket_id, into_id=first.ticket_id, actor=lead)
    answers_second = write(in_reply_to=second.message_id, body="For the second")
    answers_that = write(references=[second.message_id, answers_second.message_id], body="And again")
    answers_first = write(in_reply_to=first.message_id, body="For the first")
    assert {row.ticket_id for row in (answers_second, answers_that, answers_first)} == {first.ticket_id}
    unmerge_ticket(ticket_id=second.ticket_id, actor=lead)
    of = dict(Message.objects.values_list("pk", "ticket_id"))
    assert [of[row.pk] for row in (answers_second, answers_that, answers_first)] == [
        second.ticket_id, second.ticket_id, first.ticket_id,
    ]  # fmt: skip
    assert Ticket.objects.get(pk=second.ticket_id).message_count == 3
    assert_sound()


def test_an_answer_to_both_holds_for_both_when_they_part():
    lead = make_lead()
    first, second = write(), write()
    merge_tickets(ticket_id=second.ticket_id, into_id=first.ticket_id, actor=lead)
    version = Ticket.objects.get(pk=first.ticket_id).version
    reply_to_ticket(ticket_id=first.ticket_id, body="Both left.", seen_version=version, key="k", actor=lead)
    unmerge_ticket(ticket_id=second.ticket_id, actor=lead)
    assert [state(pk)[:2] for pk in (first.ticket_id, second.ticket_id)] == [("waiting_for_customer", None)] * 2
    assert_sound()


def test_a_split_comes_back_with_what_was_said_since():
    lead = make_lead()
    first = write(body="Wrong colour")
    second = write(in_reply_to=first.message_id, body="And the other order?")
    fresh = split_ticket(ticket_id=first.ticket_id, message_ids=[second.pk], actor=lead)
    third = write(in_reply_to=second.message_id, body="Hello?")
    write_note(ticket_id=fresh.pk, body="VIP", actor=lead)
    with pytest.raises(NotAllowed):
        undo_split(ticket_id=fresh.pk, actor=make_agent())
    assert third.ticket == fresh
    assert undo_split(ticket_id=fresh.pk, actor=lead).pk == first.ticket_id
    source = Ticket.objects.get(pk=first.ticket_id)
    assert (source.message_count, source.gist, source.status) == (3, "Hello?", "new")
    assert state(fresh.pk)[2:] == (0, source.pk)
    assert Note.objects.get().ticket_id == fresh.pk  # append-only: read through the pointer
    assert write(in_reply_to=third.message_id).ticket == source
    for wrong in (fresh.pk, source.pk):
        with pytest.raises(InvalidInput):
            undo_split(ticket_id=wrong, actor=lead)
    with pytest.raises(InvalidInput):
        unmerge_ticket(ticket_id=fresh.pk, actor=lead)  # nothing would be in it
    assert EventRecord.objects.filter(name="service.split_undone").count() == 1
    assert_sound()


def test_what_is_left_of_a_split_follows_its_ticket_into_a_merge_and_out():
    lead = make_lead()
    first = write(body="Wrong colour")
    second = write(in_reply_to=first.message_id, body="And the other order?")
    fresh = split_ticket(ticket_id=first.ticket_id, message_ids=[second.pk], actor=lead)
    undo_split(ticket_id=fresh.pk, actor=lead)
    other = write()
    merge_tickets(ticket_id=first.ticket_id, into_id=other.ticket_id, actor=lead)
    assert state(fresh.pk)[3] == other.ticket_id
    assert_sound()
    unmerge_ticket(ticket_id=first.ticket_id, actor=lead)
    assert state(fresh.pk)[3] == first.ticket_id
    assert_sound()


def test_a_merged_split_is_not_undone():
    lead = make_lead()
    first = write()
    second = write(in_reply_to=first.message_id, body="And the other order?")
    fresh = split_ticket(ticket_id=first.ticket_id, message_ids=[second.pk], actor=lead)
    merge_tickets(ticket_id=fresh.pk, into_id=first.ticket_id, actor=lead)
    with pytest.raises(InvalidInput):
        undo_split(ticket_id=fresh.pk, actor=lead)
    assert TicketSplit.objects.get().undone_at is None
    assert not Outgoing.objects.exists()


def test_the_database_refuses_two_running_merges_of_one_ticket():
    lead = make_lead()
    first, second = write(), write()
    merge_tickets(ticket_id=second.ticket_id, into_id=first.ticket_id, actor=lead)
    with pytest.raises(IntegrityError, match="service_merge_running_once"), transaction.atomic():
        TicketMerge.objects.create(
            ticket=second.ticket, into=first.ticket, into_version=1, into_status="new", into_waiting_since=None
        )
