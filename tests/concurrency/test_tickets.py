"""Two agents at one ticket, two workers at one message: one winner each."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from service import tasks
from service.models import Macro, Message, Note, OrderWork, Outgoing, Ticket, TicketMerge
from service.services import (
    Incoming,
    claim_reply,
    claim_ticket,
    link_ticket_order,
    merge_tickets,
    reply_to_ticket,
    take_message,
    unmerge_ticket,
    write_note,
)
from service.services.macros import use_macro
from service.services.order_work import cancel_ticket_order
from staff.models import User
from tests.concurrency.race import barrier_of, race
from tests.factories import make_order, make_variant
from tests.service.making import make_agent, make_inlet, make_lead, make_ticket

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = 1000


def test_two_agents_claim_a_thousand_tickets_and_each_has_one_winner():
    first = make_ticket()
    rows = Ticket.objects.filter(pk=first.pk).values().get()
    Ticket.objects.bulk_create(
        Ticket(**{**rows, "id": None, "number": f"Q-9{place:06d}"}) for place in range(TIMES - 1)
    )
    ids = list(Ticket.objects.order_by("pk").values_list("pk", flat=True))
    together = barrier_of(2)

    def claim_all(agent_id: int):
        def run() -> int:
            agent, won = User.objects.get(pk=agent_id), 0
            for place, ticket_id in enumerate(ids):
                if place % 50 == 0:
                    together.wait(60)  # side by side all the way
                try:
                    claim_ticket(ticket_id=ticket_id, actor=agent)
                    won += 1
                except Exception as error:  # noqa: BLE001 counted by its kind
                    assert type(error).__name__ == "Conflict", error  # noqa: PT017
            return won

        return run

    agents = [make_agent().pk, make_agent().pk]
    results = race(*(claim_all(pk) for pk in agents))
    assert [result.kind for result in results] == ["done", "done"], results
    assert sum(result.value for result in results) == TIMES
    by_agent = [Ticket.objects.filter(assignee=pk).count() for pk in agents]
    assert by_agent == [result.value for result in results]


def test_two_workers_bring_one_message_and_it_is_taken_once():
    inlet = make_inlet()

    def bring() -> int:
        incoming = Incoming(external_id="a-1", body="Where is it?", sender_address="minjun@mail.example")
        return take_message(inlet_id=inlet.pk, incoming=incoming).message.pk

    one, other = race(bring, bring)
    assert (one.kind, other.kind) == ("done", "done"), (one, other)
    assert one.value == other.value
    assert (Message.objects.count(), Ticket.objects.count()) == (1, 1)


def test_two_agents_answer_one_message_and_the_second_has_to_read_the_first():
    ticket = make_ticket()
    agents = [make_agent(), make_agent()]

    def answer(place: int):
        return lambda: (
            reply_to_ticket(
                ticket_id=ticket.pk, body="It left.", seen_version=1, key=f"k{place}", actor=agents[place]
            ).pk
        )

    results = race(answer(0), answer(1))
    assert sorted(result.kind for result in results) == ["done", "refused"], results
    assert Outgoing.objects.count() == 1


def test_two_senders_send_each_answer_once():
    agent = make_agent()
    for place in range(6):
        ticket = make_ticket()
        reply_to_ticket(ticket_id=ticket.pk, body="It left.", seen_version=1, key=f"k{place}", actor=agent)
    Outgoing.objects.update(due_at=timezone.now() - timedelta(seconds=1))

    def send() -> int:
        return tasks.send_replies()

    results = race(send, send)
    assert [result.kind for result in results] == ["done", "done"], results
    assert sum(result.value for result in results) == 6
    assert Outgoing.objects.filter(state="sent", attempts=1).count() == 6
    assert claim_reply(now=timezone.now() + timedelta(hours=3)) is None
    assert mail.outbox == []  # what left, left in the senders


def test_two_people_merge_two_tickets_into_each_other_while_a_third_one_writes():
    first, second, lead = make_ticket(), make_ticket(), make_lead()
    results = race(
        lambda: merge_tickets(ticket_id=first.pk, into_id=second.pk, actor=User.objects.get(pk=lead.pk)).pk,
        lambda: merge_tickets(ticket_id=second.pk, into_id=first.pk, actor=User.objects.get(pk=lead.pk)).pk,
        *(lambda pk=pk: write_note(ticket_id=pk, body="VIP", actor=None).pk for pk in (first.pk, second.pk)),
    )
    assert sorted(result.kind for result in results[:2]) == ["done", "refused"]
    assert [result.kind for result in results[2:]] == ["done", "done"]
    assert Ticket.objects.exclude(merged_into=None).count() == TicketMerge.objects.count() == 1
    part = Ticket.objects.exclude(merged_into=None).get()
    results = race(
        *(lambda: unmerge_ticket(ticket_id=part.pk, actor=User.objects.get(pk=lead.pk)).pk for _one in (1, 2))
    )
    assert sorted(result.kind for result in results) == ["done", "refused"]
    assert TicketMerge.objects.get().undone_at is not None


def test_two_people_cancel_one_order_from_two_tickets_and_it_is_done_once():
    order = make_order((make_variant(), 1))
    tickets = [make_ticket(), make_ticket()]
    for ticket in tickets:
        link_ticket_order(ticket_id=ticket.pk, order_id=order.pk, actor=None)

    def cancel(ticket_id: int):
        return lambda: (
            cancel_ticket_order(
                ticket_id=ticket_id, order_id=order.pk, reason="Changed mind", key=f"k{ticket_id}", actor=None
            ).pk
        )

    results = race(*(cancel(ticket.pk) for ticket in tickets))
    assert sorted(result.kind for result in results) == ["done", "refused"]
    assert OrderWork.objects.count() == 1


def test_a_double_press_uses_a_macro_once():
    ticket, agent = make_ticket(), make_agent()
    macro = Macro.objects.create(name="Thanks", body_ko="감사합니다", tags=["thanks"], note="Thanked")

    def use() -> int:
        who = User.objects.get(pk=agent.pk)
        return use_macro(macro_id=macro.pk, ticket_id=ticket.pk, seen_version=1, key="k", sends=True, actor=who).pk

    one, other = race(use, use)
    assert (one.kind, other.kind) == ("done", "done")
    assert one.value == other.value
    assert (Outgoing.objects.count(), Note.objects.count(), Macro.objects.get().use_count) == (1, 1, 1)
