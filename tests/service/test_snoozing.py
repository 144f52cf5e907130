"""Tickets put aside: out of the lists until their moment or until the customer writes; no clock stops."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import EventRecord
from service import tasks
from service.models import MallDeadline, SlaPolicy, Ticket
from service.selectors.inbox import BY_KEY, inbox_rows
from service.selectors.snoozes import clocks_before, presets_of
from service.services import (
    merge_tickets,
    note_presence,
    reply_to_ticket,
    resolve_ticket,
    snooze_ticket,
    wake_ticket,
    write_note,
)
from service.services.quiet.snoozing import wake_tickets
from tests.admin.pressing import press
from tests.concurrency.race import race
from tests.factories import make_channel, make_user
from tests.service.making import a_reason, make_agent, make_inlet, make_lead, make_ticket, write

pytestmark = pytest.mark.django_db

SEOUL = ZoneInfo("Asia/Seoul")
LATER = timedelta(days=2)


def seen(key, user):
    return list(inbox_rows(view=BY_KEY[key], user=user).values_list("pk", flat=True))


def places(ticket, user):
    """Return the views in which the ticket stands."""
    return {key for key in BY_KEY if ticket.pk in seen(key, user)} - {"all"}


def snooze(ticket, until=LATER, actor=None):
    moment = timezone.now() + until if until else None
    return snooze_ticket(ticket_id=ticket.pk, until=moment, actor=actor)


def test_it_leaves_the_lists_and_comes_back_by_itself_with_a_mark():
    ticket, agent = make_ticket(), make_agent()
    assert places(ticket, agent) == {"unassigned", "open"}
    snooze(ticket, actor=agent)
    assert places(ticket, agent) == {"snoozed"}
    assert tasks.wake() == 0
    Ticket.objects.update(snoozed_until=timezone.now())
    assert (tasks.wake(), tasks.wake()) == (1, 0)
    ticket.refresh_from_db()
    assert (ticket.is_snoozed, ticket.snoozed_until, ticket.snoozed_by) == (False, None, None)
    assert ticket.woken_at is not None
    assert places(ticket, agent) == {"unassigned", "open"}
    names = EventRecord.objects.filter(subject_id=ticket.pk).order_by("pk").values_list("name", flat=True)
    assert list(names)[-2:] == ["service.ticket_snoozed", "service.ticket_woken"]


def test_one_that_waits_for_the_customer_waits_for_us_when_it_is_back():
    ticket, agent = make_ticket(), make_agent()
    reply_to_ticket(ticket_id=ticket.pk, body="We look.", seen_version=1, key="k", actor=agent)
    snooze(ticket, actor=agent)
    assert places(ticket, agent) == {"snoozed"}
    now = timezone.now() + LATER
    assert wake_tickets(now=now) == 1
    ticket.refresh_from_db()
    assert (ticket.status, ticket.waiting_since, ticket.woken_at) == ("open", now, now)


def test_the_customer_brings_it_back_at_once_and_a_machine_does_not():
    ticket, agent = make_ticket(), make_agent()
    snooze(ticket, until=None, actor=agent)
    before = ticket.messages.get().message_id
    write(ticket.inlet, in_reply_to=before, is_automatic=True, body="On holiday.")
    assert places(ticket, agent) == {"snoozed"}
    assert wake_tickets(now=timezone.now() + timedelta(days=400)) == 0
    write(ticket.inlet, in_reply_to=before, body="Hello?")
    ticket.refresh_from_db()
    assert (ticket.is_snoozed, ticket.woken_at) == (False, None)
    assert places(ticket, agent) == {"unassigned", "open"}


def test_who_acts_ends_it():
    agent = make_agent()
    answered, resolved, noted, merged = (make_ticket() for _one in range(4))
    for one in (answered, resolved, noted, merged):
        snooze(one, actor=agent)
    reply_to_ticket(ticket_id=answered.pk, body="We look.", seen_version=1, key="k", actor=agent)
    resolve_ticket(ticket_id=resolved.pk, reason_id=a_reason(), actor=agent)
    write_note(ticket_id=noted.pk, body="Still waiting for the supplier.", actor=agent)
    note_presence(ticket_id=noted.pk, is_typing=True, actor=agent)
    merge_tickets(ticket_id=make_ticket().pk, into_id=merged.pk, actor=make_lead())
    assert set(Ticket.objects.filter(is_snoozed=True).values_list("pk", flat=True)) == {noted.pk}
    wake_ticket(ticket_id=noted.pk, actor=agent)
    wake_ticket(ticket_id=noted.pk, actor=agent)
    assert EventRecord.objects.filter(subject_id=noted.pk, name="service.ticket_woken").count() == 1


def test_no_clock_stops_and_late_ones_stay_in_sight():
    SlaPolicy.objects.create(name="All", first_reply_minutes=60, resolve_minutes=600)
    channel = make_channel()
    MallDeadline.objects.create(sales_channel=channel, length=24)
    ticket, agent = make_ticket(make_inlet(kind="mall", sales_channel=channel)), make_agent()
    ticket.refresh_from_db()
    columns = ("first_reply_due_at", "resolve_due_at", "mall_due_at", "due_at", "resolving_since")
    before = [getattr(ticket, name) for name in columns]
    assert None not in before
    ticket = snooze(ticket, actor=agent)
    ticket.refresh_from_db()
    assert [getattr(ticket, name) for name in columns] == before
    mall = [at for label, at in clocks_before(ticket, ticket.snoozed_until) if "mall" in str(label)]
    assert mall == [ticket.mall_due_at]
    assert clocks_before(ticket, timezone.now()) == []
    Ticket.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    assert places(ticket, agent) == {"snoozed", "late"}


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_moments_that_make_no_sense(days):
    ticket = make_ticket()
    with pytest.raises(InvalidInput, match="within the next 90 days"):
        snooze(ticket, timedelta(days=days, seconds=-1 if days < 1 else 0))
    ticket.refresh_from_db()
    assert not ticket.is_snoozed


def test_settled_ones_and_people_without_the_right():
    ticket = make_ticket()
    with pytest.raises(NotAllowed):
        snooze(ticket, actor=make_user(permissions=["service.view_ticket"]))
    with pytest.raises(NotAllowed):
        wake_ticket(ticket_id=ticket.pk, actor=make_user(permissions=["service.view_ticket"]))
    resolve_ticket(ticket_id=ticket.pk, reason_id=a_reason(), actor=None)
    with pytest.raises(Conflict):
        snooze(ticket)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.update(snoozed_until=timezone.now())


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # a Tuesday morning: later today, tomorrow, next Monday
        ((2026, 11, 24, 10, 2), [("later", (24, 13, 5)), ("morning", (25, 9, 0)), ("monday", (30, 9, 0))]),
        # at four the day ends before three hours have passed
        ((2026, 11, 24, 16, 0), [("later", (24, 18, 0)), ("morning", (25, 9, 0)), ("monday", (30, 9, 0))]),
        # too late for today
        ((2026, 11, 24, 17, 30), [("morning", (25, 9, 0)), ("monday", (30, 9, 0))]),
        # a Friday evening: the next working morning is Monday's
        ((2026, 11, 27, 19, 0), [("morning", (30, 9, 0))]),
        # a Sunday
        ((2026, 11, 22, 12, 0), [("morning", (23, 9, 0))]),
    ],
)
def test_presets_follow_the_calendar(now, expected):
    found = presets_of(None, datetime(*now, tzinfo=SEOUL))
    assert [(one.key, (one.at.day, one.at.hour, one.at.minute)) for one in found] == expected


def test_the_button_offers_presets_and_says_what_is_due_before(client):
    channel = make_channel()
    MallDeadline.objects.create(sales_channel=channel, length=1)
    ticket, agent = make_ticket(make_inlet(kind="mall", sales_channel=channel)), make_agent()
    client.force_login(agent)
    url = reverse("admin:service_ticket_press", args=[ticket.pk, "snooze"])
    shown = client.get(url).content.decode()
    assert "No clock stops meanwhile." in shown
    assert "The mall’s deadline" in shown
    assert "When the customer writes" in shown
    answer = press(client, ticket, "snooze", until="morning", at="")
    text = client.get(answer["Location"]).content.decode()
    assert "Mind what is due before" in text
    ticket.refresh_from_db()
    assert (ticket.is_snoozed, ticket.snoozed_by) == (True, agent)
    opened = client.get(f"/admin/inbox/?view=snoozed&ticket={ticket.pk}").content.decode()
    assert "Its clocks run on." in opened
    press(client, ticket, "wake")
    ticket.refresh_from_db()
    assert not ticket.is_snoozed
    unanswered = press(client, ticket, "snooze", until="own", at="")
    assert "Choose a time." in unanswered.content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_who_wake_at_once_bring_each_back_once():
    agent = make_agent()
    rows = [make_ticket() for _one in range(12)]
    for one in rows:
        snooze(one, actor=agent)
    later = timezone.now() + LATER
    results = race(lambda: wake_tickets(now=later), lambda: wake_tickets(now=later))
    assert all(one.kind == "done" for one in results), results
    wake_tickets(now=later)  # what the other one held
    assert EventRecord.objects.filter(name="service.ticket_woken").count() == len(rows)
