"""Answers that fit a rule wait: nothing leaves by any path until somebody else has approved exactly these words."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.models import Conversation
from chat.selectors.showing import shown_to_visitor
from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import EventRecord
from core.verify import verify
from payments.services import grant_refund
from service import tasks
from service.models import ApprovalRule, Draft, Macro, Note, Outgoing, ReplyApproval, Ticket
from service.selectors.approvals import grounds_of
from service.selectors.inbox import BY_KEY, inbox_rows
from service.selectors.promises import amounts_in, phrase_in
from service.services import (
    ConversationMoved,
    approve_reply,
    link_ticket_order,
    mark_sent_by_hand,
    merge_tickets,
    reply_to_ticket,
    send_reply_back,
    undo_reply,
)
from service.services.macros import use_macro, use_macro_on_tickets
from service.services.sending import record_chat_replies_shown
from staff.models import Notification
from tests.chat.making import make_widget
from tests.chat.test_visiting import begin
from tests.factories import make_customer, make_order, make_user, make_variant
from tests.service.making import WORK, a_reason, make_agent, make_inlet, make_lead, make_ticket, write

pytestmark = pytest.mark.django_db

PROMISE = "네, 바로 환불해 드리겠습니다."


@pytest.fixture(autouse=True)
def rule() -> ApprovalRule:
    return ApprovalRule.objects.create(name="Promises", kind="words", words=["환불", "for free"])


def make_decider(**over):
    return make_user(permissions=[*WORK, "service.approve_reply"], **over)


def answer(ticket, agent, **over):
    ticket = Ticket.objects.get(pk=ticket.pk)
    values = {"body": PROMISE, "seen_version": ticket.version, "key": f"k{ticket.pk}", **over}
    return reply_to_ticket(ticket_id=ticket.pk, actor=agent, **values)


def approve(owed, decider, **over):
    version = Ticket.objects.get(messages__outgoing=owed).version
    return approve_reply(outgoing_id=owed.pk, actor=decider, **{"seen_version": version, **over})


def seen(key, user):
    return list(inbox_rows(view=BY_KEY[key], user=user).values_list("pk", flat=True))


def send_all():
    """Let every sender run as if a day had passed."""
    Outgoing.objects.update(due_at=timezone.now() - timedelta(hours=1))
    record_chat_replies_shown(now=timezone.now())
    tasks.send_replies()
    return len(mail.outbox)


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("12만원 드립니다", [("KRW", 120_000)]),
        ("1만 2천원과 500원", [("KRW", 12_000), ("KRW", 500)]),
        ("1억 2천3백만원", [("KRW", 123_000_000)]),
        ("₩ 35,000", [("KRW", 35_000)]),
        ("３，０００円をお返しします", [("JPY", 3_000)]),
        ("5千円、¥1,200", [("JPY", 5_000), ("JPY", 1_200)]),
        ("12\u200b0,0\u200b00원", [("KRW", 120_000)]),
        ("$1,250.50 and 20 EUR", [("USD", 125_050), ("EUR", 2_000)]),
        ("1.250,50 € or €99", [("EUR", 125_050), ("EUR", 9_900)]),
        ("Order O-0000123 of 2026-11-23, 3 pieces, 2천 개", []),
    ],
)
def test_amounts_are_read_as_people_write_them(text, amounts):
    assert amounts_in(text) == amounts


def test_phrases_are_found_whatever_case_width_and_blanks_but_not_inside_of_words():
    assert phrase_in(["환불"], "전액 환 불 가능합니다") == "환불"
    assert phrase_in(["for free"], "We send it FOR  FREE.") == "for free"
    assert phrase_in(["ｆｒｅｅ"], "free!") == "ｆｒｅｅ"
    assert phrase_in(["free"], "Freedom and carefree") == ""


def test_it_is_written_waits_and_leaves_once_when_somebody_else_approves():
    ticket, agent, decider = make_ticket(), make_agent(), make_decider()
    since = ticket.waiting_since
    owed = answer(ticket, agent)
    ticket.refresh_from_db()
    assert (owed.state, owed.wants_approval, owed.approved_at) == ("awaiting", True, None)
    assert (ticket.status, ticket.waiting_since, ticket.message_count, ticket.version) == ("new", since, 2, 2)
    assert ticket.assignee == agent
    assert send_all() == 0
    assert (seen("approval", decider), seen("approval", agent), seen("approval", make_agent())) == (
        [ticket.pk], [ticket.pk], [],
    )  # fmt: skip
    assert seen("scheduled", agent) == []
    told = Notification.objects.get(user=decider, read_at=None)
    assert (told.topic, told.data["number"]) == ("review_asked", ticket.number)
    assert not Notification.objects.filter(user=agent).exists()

    approve(owed, decider)
    owed.refresh_from_db()
    ticket.refresh_from_db()
    assert (owed.state, ticket.status, ticket.waiting_since) == ("owed", "waiting_for_customer", None)
    assert (send_all(), send_all()) == (1, 1)
    assert PROMISE in mail.outbox[0].body
    assert not Notification.objects.filter(user=decider, read_at=None).exists()
    assert Notification.objects.get(user=agent).topic == "approved"
    names = EventRecord.objects.filter(subject_id=ticket.pk, name__contains="reply").order_by("pk")
    assert list(names.values_list("name", flat=True)) == [
        "service.reply_awaits", "service.reply_approved", "service.reply_sent",
    ]  # fmt: skip
    assert seen("approval", decider) == []


def test_who_may_not_decide():
    ticket, lead = make_ticket(), make_lead()
    decider = make_decider()
    owed = answer(ticket, decider)
    for somebody, words in ((make_agent(), "Only who may approve"), (lead, "Only who may"), (decider, "Somebody else")):
        with pytest.raises(NotAllowed, match=words):
            approve(owed, somebody)
        with pytest.raises(NotAllowed, match=words):
            send_reply_back(outgoing_id=owed.pk, word="No", actor=somebody)
    assert seen("approval", decider) == []  # nothing that he could decide
    owed.refresh_from_db()
    assert (owed.state, ReplyApproval.objects.get().decision, send_all()) == ("awaiting", "", 0)


def test_it_leaves_by_no_path():
    agent = make_agent()
    hand = answer(make_ticket(make_inlet(kind="mall")), agent)
    with pytest.raises(InvalidInput, match="waits for approval"):
        mark_sent_by_hand(outgoing_id=hand.pk, actor=agent)
    answer(make_ticket(), agent, send_at=timezone.now() + timedelta(minutes=5))
    answer(make_ticket(), agent, resolve=True, reason_id=a_reason())
    macro = Macro.objects.create(name="Money back", body_ko=PROMISE)
    one, two, three = make_ticket(), make_ticket(), make_ticket()
    use_macro(macro_id=macro.pk, ticket_id=one.pk, seen_version=1, sends=True, key="m", actor=agent)
    report = use_macro_on_tickets(
        macro_id=macro.pk, ticket_ids=[two.pk, three.pk], seen_at=timezone.now(), sends=True, key="b", actor=agent
    )
    assert (report.done, report.refused) == (2, [])
    merged = make_ticket()
    answer(merged, agent)
    merge_tickets(ticket_id=merged.pk, into_id=one.pk, actor=make_lead())
    make_widget()
    begin()
    conversation = Conversation.objects.get()
    answer(conversation.ticket, agent)
    assert send_all() == 0
    assert set(Outgoing.objects.values_list("state", flat=True)) == {"awaiting"}
    assert Outgoing.objects.count() == 8
    shown = shown_to_visitor(conversation, now=timezone.now() + timedelta(days=1))
    assert [line.is_ours for line in shown.lines] == [False]
    assert Ticket.objects.filter(status__in=["waiting_for_customer", "resolved"]).count() == 0


def test_the_database_lets_nothing_leave_that_was_not_approved():
    owed = answer(make_ticket(), make_agent())
    for state in ("owed", "sent", "failed"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Outgoing.objects.filter(pk=owed.pk).update(state=state, sent_at=timezone.now() if state == "sent" else None)
    approval = ReplyApproval.objects.get()
    with pytest.raises(IntegrityError, match="never_the_writer"), transaction.atomic():
        ReplyApproval.objects.update(decision="approved", decided_by=approval.writer, decided_at=timezone.now())
    approve(owed, make_decider())
    with pytest.raises(Exception, match="decided_once"), transaction.atomic():
        ReplyApproval.objects.update(word="changed")


def test_it_comes_back_with_a_word_and_changed_words_ask_again():
    ticket, agent, decider = make_ticket(), make_agent(), make_decider()
    owed = answer(ticket, agent)
    with pytest.raises(InvalidInput, match="what should change"):
        send_reply_back(outgoing_id=owed.pk, word="  ", actor=decider)
    send_reply_back(outgoing_id=owed.pk, word="Half of it only.", actor=decider)
    owed.refresh_from_db()
    ticket.refresh_from_db()
    assert (owed.state, Draft.objects.get().body, Draft.objects.get().user) == ("undone", PROMISE, agent)
    assert (Note.objects.get().body, ticket.message_count, ticket.status) == ("Half of it only.", 1, "new")
    assert Notification.objects.get(user=agent).topic == "changes_requested"
    with pytest.raises(Conflict, match="Sent back"):
        approve(owed, decider, seen_version=ticket.version)
    again = answer(ticket, agent, body=f"{PROMISE} 절반입니다.", key="k2")
    assert again.state == "awaiting"
    assert answer(ticket, agent, body="확인 중입니다.", key="k3").state == "owed"  # no promise


def test_who_wrote_it_may_take_it_back_and_nobody_can_approve_it_then():
    ticket, agent, decider = make_ticket(), make_agent(), make_decider()
    owed = answer(ticket, agent)
    undo_reply(outgoing_id=owed.pk, actor=agent)
    ticket.refresh_from_db()
    assert (ReplyApproval.objects.get().decision, ticket.status, ticket.message_count) == ("withdrawn", "new", 1)
    assert Draft.objects.get().body == PROMISE
    assert not Notification.objects.filter(user=decider, read_at=None).exists()
    with pytest.raises(Conflict):
        approve(owed, decider)


def test_an_approved_answer_can_still_be_taken_back_and_asks_again():
    ticket, agent, decider = make_ticket(), make_agent(), make_decider()
    owed = approve(answer(ticket, agent), decider)
    undo_reply(outgoing_id=owed.pk, actor=agent)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.waiting_since is not None, send_all()) == ("new", True, 0)
    assert answer(ticket, agent, key="k2").state == "awaiting"


def test_the_conversation_moved_on_meanwhile():
    ticket, agent, decider = make_ticket(), make_agent(), make_decider()
    owed = answer(ticket, agent, resolve=True, reason_id=a_reason())
    said = write(ticket.inlet, in_reply_to=ticket.messages.order_by("pk")[0].message_id, body="Never mind.")
    assert said.ticket_id == ticket.pk
    with pytest.raises(ConversationMoved, match="1 entry is new"):
        approve(owed, decider, seen_version=2)
    owed.refresh_from_db()
    assert (owed.state, send_all()) == ("awaiting", 0)
    approve(owed, decider, seen_version=3)  # read, and still right: what he wrote since goes on waiting for us
    ticket.refresh_from_db()
    assert (ticket.status, ticket.waiting_since, ticket.resolved_at, send_all()) == ("open", said.at, None, 1)


def test_resolving_waits_too_and_happens_with_the_approval():
    ticket, agent = make_ticket(), make_agent()
    owed = answer(ticket, agent, resolve=True, reason_id=a_reason())
    ticket.refresh_from_db()
    assert (ticket.status, ticket.resolved_at) == ("new", None)
    approve(owed, make_decider())
    ticket.refresh_from_db()
    assert (ticket.status, ticket.reason_id) == ("resolved", a_reason())


def test_files_that_came_to_it_later_are_not_what_was_approved():
    ticket, agent = make_ticket(), make_agent()
    owed = answer(ticket, agent)
    owed.message.attachments.create(file="tickets/files/x", filename="x.pdf", kind="pdf", size_bytes=1, sha256="0" * 64)
    with pytest.raises(Conflict, match="not the words"):
        approve(owed, make_decider())
    assert verify(names=["service.approved_words_leave"])[0].count == 1


def test_rules_by_role_and_by_new_accounts(rule):
    ticket, agent = make_ticket(), make_agent()
    rule.roles = ["cs_agent"]
    rule.save()
    assert grounds_of(ticket=ticket, text=PROMISE, writer=agent) == []
    assert grounds_of(ticket=ticket, text=PROMISE, writer=None) == []
    agent.groups.add(Group.objects.get_or_create(name="cs_agent")[0])
    agent = type(agent).objects.get(pk=agent.pk)
    assert [one.word for one in grounds_of(ticket=ticket, text=PROMISE, writer=agent)] == ["환불"]
    rule.roles, rule.newer_than_days = [], 30
    rule.save()
    old = make_agent(date_joined=timezone.now() - timedelta(days=31))
    assert (
        len(grounds_of(ticket=ticket, text=PROMISE, writer=agent)),
        grounds_of(ticket=ticket, text=PROMISE, writer=old),
    ) == (1, [])
    rule.is_active = False
    rule.save()
    assert grounds_of(ticket=ticket, text=PROMISE, writer=agent) == []


def test_rules_by_amount_of_the_words_the_order_and_its_refunds(rule):
    rule.delete()
    kinds = ("amount", "order_total", "refund")
    rules = {kind: ApprovalRule.objects.create(name=kind, kind=kind, limit=20_000, currency="KRW") for kind in kinds}
    ticket, agent = make_ticket(), make_agent()

    def fits(text="Hello"):
        return {(one.rule.kind, one.amount) for one in grounds_of(ticket=ticket, text=text, writer=agent)}

    assert (fits("20,000원"), fits("$20,001"), fits("2만 1천원")) == (set(), set(), {("amount", 21_000)})
    order = make_order(
        (make_variant(), 3), unit_price=10_000, currency="KRW", customer=make_customer(), paid_total=30_000
    )
    link_ticket_order(ticket_id=ticket.pk, order_id=order.pk, actor=None)
    assert fits() == {("order_total", 30_000)}
    grant_refund(order_id=order.pk, amount=15_000, key="r1")
    assert fits() == {("order_total", 30_000)}
    grant_refund(order_id=order.pk, amount=6_000, key="r2")
    assert fits() == {("order_total", 30_000), ("refund", 21_000)}
    rules["order_total"].delete()
