"""Questions that a mall's interface shows are one ticket each, and our answers leave for the mall."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import Conflict, InvalidInput
from service.models import Direction, MallThread, Message, Outgoing, OutgoingState, OutgoingWay, Ticket
from service.services import mark_sent_by_hand, reply_to_ticket, undo_reply
from service.services.intake.filing import FiledMessage, take_filed, take_shown
from service.services.sending import (
    ATTEMPTS,
    claim_reply,
    record_reply_failed,
    record_reply_sent,
    set_inlet_connected,
)
from service.services.storing import GivenFile
from tests.service.making import make_agent, make_inlet

pytestmark = pytest.mark.django_db


def mall(**over):
    """Make an inlet whose mall takes answers."""
    inlet = make_inlet(kind="mall", **over)
    set_inlet_connected(inlet_id=inlet.pk, is_connected=True)
    return inlet


def shown(inlet, thread="9001", body="Where is my parcel?", **over):
    return take_shown(inlet_id=inlet.pk, message=FiledMessage(thread=thread, body=body, **over))


def answer(ticket, body="It left today.", key="k", **over):
    ticket.refresh_from_db()
    return reply_to_ticket(
        ticket_id=ticket.pk, body=body, seen_version=ticket.version, key=key, actor=make_agent(), **over
    )


def later():
    return timezone.now() + timedelta(minutes=1)


def test_a_shown_question_is_one_ticket_however_often_and_by_file_too():
    inlet = mall()
    at = timezone.now()

    first, again = shown(inlet, at=at), shown(inlet, at=at)
    [filed] = take_filed(
        inlet_id=inlet.pk, messages=[FiledMessage(thread="9001", body="Where is my parcel?", at=at)], actor=None
    )

    assert (first.is_new, again.is_new, filed.is_new) == (True, False, False)
    assert Ticket.objects.get() == first.ticket == filed.ticket
    thread = MallThread.objects.get()
    assert (thread.inlet, thread.number, thread.head) == (inlet, "9001", first.message.message_id)


def test_the_answer_to_the_last_piece_of_a_question_leaves_for_its_mall():
    inlet = mall()
    ticket = shown(inlet, external_id="1").ticket
    shown(inlet, body="Hello?", external_id="2")

    owed = answer(ticket)

    assert (owed.way, owed.message.in_reply_to) == (OutgoingWay.MALL, MallThread.objects.get().head)
    assert claim_reply(now=later()) is None  # no mail
    assert claim_reply(now=later(), mall_inlet_id=mall().pk) is None  # another mall
    assert claim_reply(now=timezone.now(), mall_inlet_id=inlet.pk) is None  # it can still be taken back
    claimed = claim_reply(now=later(), mall_inlet_id=inlet.pk)
    assert (claimed.outgoing_id, claimed.is_repeated) == (owed.pk, False)
    with pytest.raises(Conflict):
        undo_reply(outgoing_id=owed.pk, actor=None)
    record_reply_sent(outgoing_id=owed.pk)
    owed.refresh_from_db()
    assert owed.state == OutgoingState.SENT
    ticket.refresh_from_db()
    assert ticket.status == "waiting_for_customer"


def test_what_the_mall_cannot_take_is_sent_by_hand():
    by_file = make_inlet(kind="mall")
    [filed] = take_filed(inlet_id=by_file.pk, messages=[FiledMessage(thread="1", body="Hm?")], actor=None)
    with_file = shown(mall()).ticket

    assert answer(filed.ticket).way == OutgoingWay.BY_HAND
    assert answer(with_file, key="f", files=[GivenFile(name="a.txt", content=b"words")]).way == OutgoingWay.BY_HAND


def test_a_refused_answer_is_handed_back_with_the_malls_word():
    inlet = mall()
    ticket = shown(inlet).ticket
    owed = answer(ticket)
    claim_reply(now=later(), mall_inlet_id=inlet.pk)

    record_reply_failed(outgoing_id=owed.pk, error="ANSWERED_ALREADY", is_final=True)

    owed.refresh_from_db()
    assert (owed.way, owed.state, owed.error) == (OutgoingWay.BY_HAND, OutgoingState.OWED, "ANSWERED_ALREADY")
    undo_reply(outgoing_id=owed.pk, actor=None)  # it has surely not left
    again = answer(ticket, body="Other words", key="k2")
    record_reply_failed(outgoing_id=again.pk, error="CLOSED", is_final=True)
    assert mark_sent_by_hand(outgoing_id=again.pk, actor=make_agent()).state == OutgoingState.SENT


def test_an_answer_that_is_never_answered_for_is_handed_back_and_cannot_be_taken_back():
    inlet = mall()
    owed = answer(shown(inlet).ticket)
    now = later()
    for attempt in range(ATTEMPTS):
        assert claim_reply(now=now, mall_inlet_id=inlet.pk).is_repeated == (attempt > 0)
        record_reply_failed(outgoing_id=owed.pk, error="ReadTimeout")
        now += timedelta(hours=3)

    assert claim_reply(now=now, mall_inlet_id=inlet.pk) is None
    owed.refresh_from_db()
    assert (owed.way, owed.error) == (OutgoingWay.BY_HAND, "ReadTimeout")
    with pytest.raises(Conflict):  # perhaps the mall has it
        undo_reply(outgoing_id=owed.pk, actor=None)


def test_our_own_answer_that_the_mall_shows_is_no_second_one():
    inlet = mall()
    ticket = shown(inlet, external_id="q").ticket
    owed = answer(ticket, body="It left  today.\nThanks")
    claim_reply(now=later(), mall_inlet_id=inlet.pk)  # and the worker died: nobody knows

    shown(inlet, external_id="q", answer="It left today.\r\nThanks", answered_at=timezone.now())

    owed.refresh_from_db()
    assert owed.state == OutgoingState.SENT
    assert Message.objects.filter(ticket=ticket, direction=Direction.OUTBOUND).count() == 1
    shown(inlet, external_id="q", answer="Somebody corrected it in the mall", answered_at=timezone.now())
    shown(inlet, external_id="q", answer="Somebody corrected it in the mall", answered_at=timezone.now())
    assert Message.objects.filter(ticket=ticket, direction=Direction.OUTBOUND).count() == 2


def test_an_answer_that_waits_for_a_second_person_is_not_taken_for_sent():
    inlet = mall()
    ticket = shown(inlet, external_id="q").ticket
    owed = answer(ticket)
    Outgoing.objects.filter(pk=owed.pk).update(state=OutgoingState.AWAITING, wants_approval=True)

    shown(inlet, external_id="q", answer="It left today.")

    owed.refresh_from_db()
    assert owed.state == OutgoingState.AWAITING


def test_without_its_connection_what_is_owed_is_sent_by_hand():
    inlet, other = mall(), mall()
    owed, kept = answer(shown(inlet).ticket), answer(shown(other).ticket, key="o")

    assert set_inlet_connected(inlet_id=inlet.pk, is_connected=False) == 1
    assert set_inlet_connected(inlet_id=inlet.pk, is_connected=False) == 0

    owed.refresh_from_db()
    kept.refresh_from_db()
    assert (owed.way, kept.way) == (OutgoingWay.BY_HAND, OutgoingWay.MALL)
    assert answer(owed.message.ticket, key="next").way == OutgoingWay.BY_HAND


def test_a_closed_inlet_takes_nothing():
    inlet = mall(is_active=False)
    with pytest.raises(InvalidInput):
        shown(inlet)
    assert not MallThread.objects.exists()
