"""By when a ticket is due: working minutes, the mall's and the law's own clocks, and who hears of it once."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.urls import reverse

from compliance.models import LegalClock, LegalRule
from compliance.services import sync_rules
from orders.models import Order
from service.models import Escalation, EscalationStep, InletKind, MallDeadline, SlaPolicy, Ticket
from service.services import (
    link_ticket_order,
    mark_sent_by_hand,
    reopen_ticket,
    reply_to_ticket,
    resolve_ticket,
    sort_ticket,
    undo_reply,
)
from service.services.terms.escalating import escalate_tickets, refresh_legal_dues
from service.services.terms.reckoning import dues_of, reckon
from staff.models import Holiday, Notification, Topic, WorkCalendar, WorkingHours
from tests.factories import make_channel, make_order, make_user, make_variant
from tests.service.making import WORK, a_reason, make_agent, make_inlet, make_lead, make_ticket, write

pytestmark = pytest.mark.django_db
SEOUL = ZoneInfo("Asia/Seoul")


@pytest.fixture
def calendar():
    row = WorkCalendar.objects.create(code="cs", name="CS", country="KR")
    for day in range(5):
        WorkingHours.objects.create(calendar=row, weekday=day, opens_at=time(9), closes_at=time(12))
        WorkingHours.objects.create(calendar=row, weekday=day, opens_at=time(13), closes_at=time(18))
    Holiday.objects.create(calendar=row, on=date(2026, 3, 2), name="대체공휴일")  # a Monday
    return row


def make_policy(calendar, **over):
    values = {"name": "All", "first_reply_minutes": 60, "next_reply_minutes": 120, "resolve_minutes": 480}
    return SlaPolicy.objects.create(**{**values, "calendar": calendar, "time_zone": "Asia/Seoul", **over})


def seoul(*parts):
    return datetime(*parts, tzinfo=SEOUL)


def test_lunch_weekend_and_a_holiday_do_not_count(calendar):
    policy = make_policy(calendar)
    dues = dues_of(policy, seoul(2026, 2, 27, 17, 30))  # a Friday before a long weekend
    assert dues.first_reply == seoul(2026, 3, 3, 9, 30)
    assert dues.next_reply == seoul(2026, 3, 3, 10, 30)
    assert dues.resolve == seoul(2026, 3, 3, 17, 30)  # 30 on Friday, 180 before lunch, 270 after it
    assert dues_of(policy, seoul(2026, 3, 4, 11, 30)).first_reply == seoul(2026, 3, 4, 13, 30)


def test_the_first_policy_that_fits_counts_and_sorting_anew_reckons_anew(calendar):
    at = seoul(2026, 3, 4, 10)
    make_policy(calendar, name="Urgent", position=1, least_priority=4, first_reply_minutes=10)
    make_policy(calendar, name="Guests", position=2, tag="vip", first_reply_minutes=20)
    make_policy(calendar, name="Japanese", position=3, languages=["ja"], first_reply_minutes=30)
    make_policy(calendar, name="Malls", position=4, inlet_kinds=["mall"], first_reply_minutes=40)
    ticket = make_ticket(at=at)
    assert (ticket.sla_policy, ticket.first_reply_due_at, ticket.due_at) == (None, None, None)
    for changes, minutes in (({"language": "ja"}, 30), ({"tags": ["vip"]}, 20), ({"priority": 4}, 10)):
        row = sort_ticket(ticket_id=ticket.pk, changes=changes, actor=None)
        assert row.first_reply_due_at == row.due_at == at + timedelta(minutes=minutes)
    mall = make_ticket(make_inlet(kind=InletKind.MALL), at=at)
    assert mall.first_reply_due_at == at + timedelta(minutes=40)


def test_an_answer_ends_the_first_term_and_the_resolution_stands_still_while_the_customer_is_asked(calendar):
    make_policy(calendar)
    first = write(at=seoul(2026, 3, 4, 10))
    ticket = first.ticket
    assert ticket.due_at == ticket.first_reply_due_at == seoul(2026, 3, 4, 11)
    assert ticket.resolve_due_at == seoul(2026, 3, 5, 10)
    owed = reply_to_ticket(ticket_id=ticket.pk, body="Which?", seen_version=1, key="k", actor=make_agent())
    ticket.refresh_from_db()
    assert (ticket.first_reply_due_at, ticket.resolve_due_at, ticket.due_at) == (None, None, None)
    assert ticket.resolving_since is None
    undo_reply(outgoing_id=owed.pk, actor=None)
    ticket.refresh_from_db()
    assert ticket.first_reply_due_at == seoul(2026, 3, 4, 11)
    reply_to_ticket(ticket_id=ticket.pk, body="Which?", seen_version=3, key="k2", actor=None)
    Ticket.objects.update(resolving_minutes=100)
    again = write(in_reply_to=first.message_id, at=seoul(2026, 3, 9, 9)).ticket
    assert again.first_reply_due_at is None
    assert again.next_reply_due_at == seoul(2026, 3, 9, 11)
    assert again.resolve_due_at == seoul(2026, 3, 9, 16, 20)  # 380 minutes were left
    done = resolve_ticket(ticket_id=ticket.pk, reason_id=a_reason(), actor=None)
    assert (done.due_at, done.resolving_since) == (None, None)
    assert reopen_ticket(ticket_id=ticket.pk, actor=None).resolve_due_at is not None


def test_the_malls_deadline_ends_only_when_an_answer_has_left():
    channel = make_channel()
    MallDeadline.objects.create(sales_channel=channel, length=24)
    at = datetime(2026, 3, 4, 1, tzinfo=UTC)
    ticket = make_ticket(make_inlet(kind=InletKind.MALL, sales_channel=channel), at=at)
    assert ticket.mall_due_at == ticket.due_at == at + timedelta(hours=24)
    owed = reply_to_ticket(ticket_id=ticket.pk, body="Yes.", seen_version=1, key="k", actor=make_agent())
    ticket.refresh_from_db()
    assert (ticket.status, ticket.mall_due_at) == ("waiting_for_customer", at + timedelta(hours=24))
    resolve_ticket(ticket_id=ticket.pk, reason_id=a_reason(), actor=None)
    ticket.refresh_from_db()
    assert ticket.mall_due_at == at + timedelta(hours=24)
    mark_sent_by_hand(outgoing_id=owed.pk, actor=None)
    ticket.refresh_from_db()
    assert (ticket.mall_due_at, ticket.due_at) == (None, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        MallDeadline.objects.update(is_verified=True)


def test_the_legal_clock_of_the_linked_order_stands_beside_and_follows_it(client):
    sync_rules()
    order, ticket = make_order((make_variant(), 1)), make_ticket()
    due = datetime(2026, 3, 10, 15, tzinfo=UTC)
    rule = LegalRule.objects.filter(duty="refund_return").first()
    clock = LegalClock.objects.create(
        rule=rule, subject_type=ContentType.objects.get_for_model(Order), subject_id=order.pk, country="KR",
        subject_label=order.number, contract_on=date(2026, 3, 1), started_at=due - timedelta(days=3), due_at=due,
    )  # fmt: skip
    link_ticket_order(ticket_id=ticket.pk, order_id=order.pk, actor=None)
    reply_to_ticket(ticket_id=ticket.pk, body="Soon.", seen_version=1, key="k", actor=None)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.legal_due_at, ticket.due_at) == ("waiting_for_customer", due, due)
    client.force_login(make_user(permissions=[*WORK, "orders.view_order"]))
    assert order.number in client.get(reverse("admin:service_beside", args=[ticket.pk])).content.decode()
    assert refresh_legal_dues() == 0
    LegalClock.objects.filter(pk=clock.pk).update(due_at=due + timedelta(days=1))
    assert (refresh_legal_dues(), refresh_legal_dues()) == (1, 0)
    ticket.refresh_from_db()
    assert ticket.legal_due_at == due + timedelta(days=1)
    LegalClock.objects.filter(pk=clock.pk).update(stopped_at=due, evidence="Paid")
    assert refresh_legal_dues() == 1
    ticket.refresh_from_db()
    assert (ticket.legal_due_at, ticket.due_at) == (None, None)


def test_a_step_is_taken_once_for_each_due_moment_and_rings_whom_it_names(calendar):
    make_policy(calendar)
    agent, lead = make_agent(), make_lead()
    step = EscalationStep.objects.create(term="first_reply", minutes_before=15, raises_priority=True)
    EscalationStep.objects.create(term="first_reply", minutes_before=0, tells_leads=True)
    ticket = make_ticket(at=seoul(2026, 3, 4, 10))
    Ticket.objects.filter(pk=ticket.pk).update(assignee=agent)
    assert escalate_tickets(now=seoul(2026, 3, 4, 10, 44)) == 0
    assert [escalate_tickets(now=seoul(2026, 3, 4, 10, 46)) for _again in range(2)] == [1, 0]
    told = Notification.objects.get()
    assert (told.user, told.topic, told.data["number"]) == (agent, Topic.STUCK, ticket.number)
    assert (told.data["reason"], Ticket.objects.get().priority) == ("ticket_due", 3)
    assert [escalate_tickets(now=seoul(2026, 3, 4, 11, 1)) for _again in range(2)] == [1, 0]
    assert Notification.objects.filter(user=lead, data__reason="ticket_late").count() == 1
    SlaPolicy.objects.update(first_reply_minutes=120)
    row = Ticket.objects.get()
    reckon(row)
    assert escalate_tickets(now=seoul(2026, 3, 4, 11, 50)) == 1  # another due moment: once more
    assert Escalation.objects.filter(step=step).count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Escalation.objects.create(step=step, ticket=ticket, due_at=Escalation.objects.filter(step=step)[0].due_at)


def test_late_and_soon_are_views_of_the_inbox_and_the_ticket_says_by_when(client, calendar):
    make_policy(calendar)
    client.force_login(make_user(permissions=WORK))
    late = make_ticket(subject="Long ago", at=seoul(2026, 3, 4, 10))
    page = client.get(reverse("admin:service_inbox"), {"view": "late", "ticket": late.pk}).content.decode()
    assert "Long ago" in page
    assert "First answer" in page
    assert "Resolution" in page
    assert 'class="badge red"' in page
    assert "Long ago" not in client.get(reverse("admin:service_inbox"), {"view": "soon"}).content.decode()
