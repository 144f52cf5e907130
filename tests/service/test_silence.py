"""Customers who do not answer: reminded once by their inlet's macro, then settled, then closed, as the inlet says."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from service import tasks
from service.models import ApprovalRule, Inlet, Macro, Message, Note, Outgoing, ReplyApproval, Survey, Ticket
from service.services import (
    close_silent_tickets,
    reply_to_ticket,
    resolve_ticket,
    send_reply_back,
    snooze_ticket,
    write_note,
)
from service.services.quiet.reminding import remind_silent_customers, resolve_silent_tickets
from service.services.reasons.seeding import seed_ticket_reasons
from tests.concurrency.race import race
from tests.factories import make_user
from tests.service.making import WORK, a_reason, make_agent, make_inlet, make_ticket, write

pytestmark = pytest.mark.django_db

WORDS = "아직 답을 기다리고 있습니다."


def make_following(**over):
    """Make an inlet that reminds after three days and settles four days after that."""
    macro = Macro.objects.create(name=f"Reminder {Macro.objects.count()}", body_ko=WORDS, tags=["reminded"])
    values = {"remind_after_days": 3, "remind_macro": macro, "end_after_days": 4, "end_reason_id": a_reason()}
    return make_inlet(**{**values, **over})


def answered(inlet=None, **over):
    """Make a ticket whose customer owes us an answer."""
    ticket = make_ticket(inlet or make_following())
    reply_to_ticket(
        ticket_id=ticket.pk, body="Which colour?", seen_version=1, key=f"a{ticket.pk}", actor=make_agent(), **over
    )
    send()
    ticket.refresh_from_db()
    return ticket


def send():
    Outgoing.objects.filter(state="owed").update(due_at=timezone.now())
    tasks.send_replies()


def in_days(days):
    return timezone.now() + timedelta(days=days, minutes=1)


def test_one_reminder_for_each_silence_then_it_is_settled_without_asking_how_it_was():
    ticket = answered()
    assert (remind_silent_customers(now=in_days(2)), Outgoing.objects.count()) == (0, 1)
    assert (remind_silent_customers(now=in_days(3)), remind_silent_customers(now=in_days(3))) == (1, 0)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.tags, ticket.assignee is not None) == ("waiting_for_customer", ["reminded"], True)
    assert resolve_silent_tickets(now=in_days(30)) == 0  # the reminder has not left yet
    send()
    assert [WORDS in one.body for one in mail.outbox] == [False, True]
    Ticket.objects.update(reminded_at=timezone.now() - timedelta(seconds=1))  # what was reminded in a day to come
    assert resolve_silent_tickets(now=in_days(3)) == 0
    assert (resolve_silent_tickets(now=in_days(5)), resolve_silent_tickets(now=in_days(5))) == (1, 0)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.reason_id, Survey.objects.count()) == ("resolved", a_reason(), 0)


def test_who_answers_is_reminded_again_only_after_another_silence():
    ticket = answered()
    remind_silent_customers(now=in_days(3))
    send()
    write(ticket.inlet, in_reply_to=ticket.messages.order_by("pk")[0].message_id, body="Blue.")
    ticket.refresh_from_db()
    assert (ticket.reminded_at, ticket.status) == (None, "open")
    assert (remind_silent_customers(now=in_days(9)), resolve_silent_tickets(now=in_days(30))) == (0, 0)
    reply_to_ticket(ticket_id=ticket.pk, body="Which size?", seen_version=4, key="k9", actor=make_agent())
    send()
    assert remind_silent_customers(now=in_days(3)) == 1


def test_nobody_is_reminded_where_it_is_not_wanted():
    plain = answered(make_inlet())
    waits_for_us = make_ticket(make_following())
    snoozed = answered()
    snooze_ticket(ticket_id=snoozed.pk, until=None, actor=None)
    off = answered()
    Inlet.objects.filter(pk=off.inlet_id).update(is_active=False)
    unsent = make_ticket(make_following())
    reply_to_ticket(ticket_id=unsent.pk, body="Hello.", seen_version=1, key="u", actor=make_agent())
    assert remind_silent_customers(now=in_days(30)) == 0
    assert Message.objects.filter(body=WORDS).count() == 0
    assert {plain.pk, unsent.pk, waits_for_us.pk, snoozed.pk, off.pk} == set(
        Ticket.objects.values_list("pk", flat=True)
    )


BROKEN = {
    "Missing": {"body_en": "{{order.number}}"},
    "does more": {"body_en": WORDS, "task_title": "x", "task_role": "designer"},
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_reminder_that_cannot_be_written_brings_the_ticket_back_once(why):
    inlet = make_following(language="en")
    Macro.objects.update(**BROKEN[why])
    ticket = answered(inlet)
    assert (remind_silent_customers(now=in_days(3)), remind_silent_customers(now=in_days(4))) == (1, 0)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.reminded_at, ticket.tags) == ("open", None, [])
    assert ticket.woken_at is not None
    assert why in Note.objects.get().body
    assert Outgoing.objects.count() == 1


def test_a_reminder_waits_for_approval_too_and_one_sent_back_settles_nothing():
    ApprovalRule.objects.create(name="All", words=["기다리고"])
    ticket = answered()
    remind_silent_customers(now=in_days(3))
    assert ReplyApproval.objects.get().writer is None
    assert (remind_silent_customers(now=in_days(9)), resolve_silent_tickets(now=in_days(30))) == (0, 0)
    decider = make_user(permissions=[*WORK, "service.approve_reply"])
    send_reply_back(outgoing_id=ReplyApproval.objects.get().outgoing_id, word="Too cold.", actor=decider)
    ticket.refresh_from_db()
    assert (ticket.status, resolve_silent_tickets(now=in_days(30))) == ("open", 0)


def test_a_note_is_no_answer_and_resets_nothing():
    ticket = answered()
    write_note(ticket_id=ticket.pk, body="Asked the supplier too.", actor=make_agent())
    assert remind_silent_customers(now=in_days(3)) == 1


def test_resolved_tickets_close_when_their_inlet_says():
    quick, usual = make_ticket(make_inlet(close_after_days=2)), make_ticket()
    for one in (quick, usual):
        resolve_ticket(ticket_id=one.pk, reason_id=a_reason(), actor=None)
    Ticket.objects.update(resolved_at=timezone.now() - timedelta(days=3))
    assert (close_silent_tickets(), close_silent_tickets()) == (1, 0)
    assert Ticket.objects.get(status="closed").pk == quick.pk
    Ticket.objects.filter(pk=usual.pk).update(resolved_at=timezone.now() - timedelta(days=15))
    assert close_silent_tickets() == 1


@pytest.mark.parametrize(
    "half",
    [
        {"remind_after_days": 3},
        {"end_after_days": 4},
        {"close_after_days": 0},
        {"remind_after_days": 0, "remind_macro": True},
    ],
)
def test_the_database_refuses_half_of_a_rule(half):
    inlet = make_inlet()
    if "remind_macro" in half:
        half = {**half, "remind_macro": Macro.objects.create(name="x", body_ko="x")}
    with pytest.raises(IntegrityError), transaction.atomic():
        Inlet.objects.filter(pk=inlet.pk).update(**half)


def test_the_page_of_an_inlet_refuses_macros_that_do_more(client):
    inlet = make_inlet()
    macro = Macro.objects.create(name="Settles", body_ko="x", status="resolved")
    client.force_login(make_user(permissions=["service.view_inlet", "service.change_inlet", "service.view_macro"]))
    url = reverse("admin:service_inlet_change", args=[inlet.pk])
    given = {
        "name": inlet.name, "code": inlet.code, "kind": inlet.kind, "language": "ko", "address": inlet.address,
        "is_active": "on", "close_after_days": "10", "remind_after_days": "3", "remind_macro": macro.pk,
    }  # fmt: skip
    assert "does more than say" in client.post(url, given).content.decode()
    assert "A reminder has a number of days" in client.post(url, {**given, "remind_macro": ""}).content.decode()
    inlet.refresh_from_db()
    assert (inlet.close_after_days, inlet.remind_after_days) == (14, None)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_remind_once():
    seed_ticket_reasons()  # a transactional test begins without what migrations wrote
    tickets = [answered() for _one in range(4)]
    later = in_days(3)
    results = race(lambda: remind_silent_customers(now=later), lambda: remind_silent_customers(now=later))
    assert sum(one.value for one in results) == len(tickets), results
    assert Message.objects.filter(body=WORDS).count() == len(tickets)
