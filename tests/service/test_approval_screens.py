"""Answers that wait on their screens, in the books, and with two people at once."""

import pytest
from django.db import connection
from django.urls import reverse

from core.verify import verify
from service.models import ApprovalRule, Outgoing, ReplyApproval, Ticket
from service.services import (
    ConversationMoved,
    approve_reply,
    send_reply_back,
    undo_reply,
    write_note,
)
from service.services.forgetting import forget_asker
from tests.concurrency.race import race
from tests.factories import make_customer, make_user
from tests.service.making import make_agent, make_ticket
from tests.service.test_approvals import answer, approve, make_decider

pytestmark = pytest.mark.django_db

PROMISE = "네, 바로 환불해 드리겠습니다."


@pytest.fixture(autouse=True)
def promises() -> ApprovalRule:
    return ApprovalRule.objects.create(name="Promises", kind="words", words=["환불", "for free"])


def test_the_page_shows_why_it_waits_and_decides(client):
    ticket, agent, decider = make_ticket(), make_agent(), make_decider()
    client.force_login(agent)
    act = reverse("admin:service_act", args=[ticket.pk])
    page = f"/admin/inbox/?view=all&ticket={ticket.pk}"
    sent = client.post(act, {"do": "reply", "body": PROMISE, "version": 1, "key": "k1"}, follow=True).content.decode()
    assert "It waits until somebody else has approved it." in sent
    owed = Outgoing.objects.get()
    assert "Promises: 환불" in sent
    assert 'value="approve"' not in sent
    refused = client.post(act, {"do": "approve", "outgoing": owed.pk, "version": 2}, follow=True).content.decode()
    assert "Only who may approve answers" in refused

    client.force_login(decider)
    shown = client.get(page).content.decode()
    assert 'value="approve"' in shown
    client.post(act, {"do": "send_back", "outgoing": owed.pk, "word": "Less."})
    owed.refresh_from_db()
    assert owed.state == "undone"
    second = answer(ticket, agent, key="k2")
    version = Ticket.objects.get(pk=ticket.pk).version
    client.post(act, {"do": "approve", "outgoing": second.pk, "version": version})
    second.refresh_from_db()
    assert second.state == "owed"
    assert client.post(act, {"do": "approve", "outgoing": second.pk}).status_code == 400


def test_the_rules_page_takes_amounts_in_whole_units(client):
    user = make_user(
        permissions=["service.view_approvalrule", "service.add_approvalrule", "service.change_approvalrule"]
    )
    client.force_login(user)
    add = reverse("admin:service_approvalrule_add")
    given = {"name": "Dollars", "kind": "amount", "limit": "12.50", "currency": "USD", "is_active": "on", "words": "x"}
    client.post(add, given)
    made = ApprovalRule.objects.get(name="Dollars")
    assert (made.limit, made.words) == (1250, [])
    half = client.post(add, {**given, "name": "Half", "currency": ""}).content.decode()
    assert "Choose a currency." in half
    none = client.post(add, {"name": "None", "kind": "words", "words": " ", "is_active": "on"}).content.decode()
    assert "Write at least one word or phrase." in none
    assert ApprovalRule.objects.count() == 2


def test_what_is_forgotten_leaves_no_word_of_it():
    ticket, agent, decider = make_ticket(), make_agent(), make_decider()
    customer = make_customer()
    Ticket.objects.filter(pk=ticket.pk).update(customer=customer)
    send_reply_back(outgoing_id=answer(ticket, agent).pk, word="Kim gets less.", actor=decider)
    answer(ticket, agent, key="k2")
    forget_asker(customer_id=customer.pk)
    assert set(ReplyApproval.objects.values_list("word", flat=True)) == {"–", ""}
    assert [one.invariant.name for one in verify() if not one.holds] == []


PLANTS = {
    "service.approvals_asked": "UPDATE service_outgoing SET wants_approval = false, state = 'owed'",
    "service.approved_words_leave": "UPDATE service_message SET body = 'Something else' WHERE direction = 'outbound'",
}


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_breach_is_found(name):
    approve(answer(make_ticket(), make_agent()), make_decider())
    assert verify(names=[name])[0].holds
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(PLANTS[name])
    assert not verify(names=[name])[0].holds


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins():
    agent, one, two = make_agent(), make_decider(), make_decider()
    for place in range(6):
        owed = answer(make_ticket(), agent, key=f"r{place}")

        def yes(owed=owed):
            return approve_reply(outgoing_id=owed.pk, seen_version=2, actor=one).state

        def no(owed=owed):
            return send_reply_back(outgoing_id=owed.pk, word="No.", actor=two).state

        kinds = [result.kind for result in race(yes, no)]
        assert sorted(kinds) == ["done", "refused"], kinds
        owed.refresh_from_db()
        decision = ReplyApproval.objects.get(outgoing=owed).decision
        assert (owed.state, decision) == (("owed", "approved") if kinds[0] == "done" else ("undone", "sent_back"))


@pytest.mark.django_db(transaction=True)
def test_who_takes_it_back_and_who_approves_at_once_never_both():
    agent, decider = make_agent(), make_decider()
    for place in range(6):
        owed = answer(make_ticket(), agent, key=f"u{place}")

        def yes(owed=owed):
            return approve_reply(outgoing_id=owed.pk, seen_version=2, actor=decider).state

        def back(owed=owed):
            return undo_reply(outgoing_id=owed.pk, actor=agent).state

        approved, undone = race(yes, back)
        assert undone.kind == "done", undone  # approved just before: it can still be taken back
        owed.refresh_from_db()
        assert owed.state == "undone"
        assert approved.kind in {"done", "refused"}


def test_a_note_of_the_decider_is_read_before_one_decides():
    ticket, agent, decider = make_ticket(), make_agent(), make_decider()
    owed = answer(ticket, agent)
    write_note(ticket_id=ticket.pk, body="Is that agreed?", actor=decider)
    with pytest.raises(ConversationMoved):
        approve(owed, decider, seen_version=2)
