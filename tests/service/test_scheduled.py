"""Answers with a time of their own: they leave then, or come back when the customer writes before."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from core.models import EventRecord
from service import tasks
from service.models import Draft, Outgoing, Ticket
from service.selectors.inbox import BY_KEY, inbox_rows
from service.services import claim_reply, reply_to_ticket, save_reply_draft
from tests.concurrency.race import race
from tests.service.making import make_agent, make_ticket, write

pytestmark = pytest.mark.django_db


def schedule(ticket, agent, **over):
    values = {"body": "It comes on Monday.", "seen_version": 1, "key": "k1", **over}
    values.setdefault("send_at", timezone.now() + timedelta(hours=2))
    return reply_to_ticket(ticket_id=ticket.pk, actor=agent, **values)


def answer_to(ticket, **over):
    """Let the customer write once more into the ticket."""
    return write(ticket.inlet, in_reply_to=ticket.messages.order_by("pk")[0].message_id, **over)


def seen(key, user):
    return list(inbox_rows(view=BY_KEY[key], user=user).values_list("pk", flat=True))


def test_it_waits_for_its_time_in_a_view_of_its_own_and_leaves_once():
    ticket, agent = make_ticket(), make_agent()
    schedule(ticket, agent)
    assert seen("scheduled", agent) == [ticket.pk]
    assert claim_reply(now=timezone.now() + timedelta(hours=1)) is None
    Outgoing.objects.update(due_at=timezone.now())
    assert (tasks.send_replies(), tasks.send_replies()) == (1, 0)
    assert len(mail.outbox) == 1
    assert seen("scheduled", agent) == []


def test_when_the_customer_writes_before_it_comes_back_to_who_wrote_it():
    ticket, agent = make_ticket(), make_agent()
    waited_since = ticket.waiting_since
    owed = schedule(ticket, agent, resolve=False)
    save_reply_draft(ticket_id=ticket.pk, body="And another thing.", seen_version=2, actor=agent)
    assert answer_to(ticket, body="Never mind, cancel it.").ticket_id == ticket.pk
    owed.refresh_from_db()
    ticket.refresh_from_db()
    draft = Draft.objects.get()
    assert owed.state == "undone"
    assert (draft.body, draft.seen_version, draft.user) == ("It comes on Monday.\n\nAnd another thing.", 2, agent)
    assert (ticket.status, ticket.message_count, ticket.waiting_since) == ("open", 2, waited_since)
    assert EventRecord.objects.filter(name="service.reply_came_back").count() == 1
    assert claim_reply(now=timezone.now() + timedelta(days=1)) is None
    assert mail.outbox == []
    assert (seen("drafts", agent), seen("drafts", make_agent())) == ([ticket.pk], [])


def test_machines_and_other_tickets_bring_nothing_back_and_what_leaves_at_once_leaves():
    ticket, agent = make_ticket(), make_agent()
    owed = schedule(ticket, agent)
    answer_to(ticket, is_automatic=True, body="I am on holiday.")
    write()
    at_once = schedule(make_ticket(), agent, key="k2", send_at=None)
    answer_to(at_once.message.ticket)
    assert set(Outgoing.objects.values_list("pk", "state")) == {(owed.pk, "owed"), (at_once.pk, "owed")}
    assert not Draft.objects.exists()


def test_the_page_says_when_it_leaves(client, settings):
    agent, ticket = make_agent(), make_ticket()
    client.force_login(agent)
    at = timezone.localtime(timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    given = {"do": "reply", "body": "Tomorrow.", "version": 1, "key": "k9", "send_at": at}
    text = client.post(reverse("admin:service_act", args=[ticket.pk]), given, follow=True).content.decode()
    assert "if the customer writes before, it comes back to you" in text
    assert timezone.localtime(Outgoing.objects.get().due_at).strftime("%Y-%m-%dT%H:%M") == at


@pytest.mark.django_db(transaction=True)
def test_a_sender_and_a_customer_at_once_never_lose_the_answer_nor_say_it_twice():
    agent = make_agent()
    for place in range(10):
        ticket = make_ticket()
        owed = schedule(ticket, agent, key=f"r{place}")
        due = owed.due_at

        def send(due=due):
            claimed = claim_reply(now=due + timedelta(seconds=1))
            return claimed.outgoing_id if claimed else None

        def come(ticket=ticket):
            return answer_to(Ticket.objects.get(pk=ticket.pk), external_id=f"race-{ticket.pk}").pk

        sent, came = race(send, come)
        assert (sent.kind, came.kind) == ("done", "done"), (sent, came)
        owed.refresh_from_db()
        has_draft = Draft.objects.filter(ticket=ticket).exists()
        assert (owed.state, owed.attempts, has_draft) == (("owed", 1, False) if sent.value else ("undone", 0, True))
