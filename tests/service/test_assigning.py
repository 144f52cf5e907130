"""Tickets find their agents: by rules, by who is there, by who has room; and the timeline says why."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.events import sentences_of
from core.models import EventRecord
from service import handlers, tasks
from service.events import MessageTaken, TicketOpened, TicketReopened
from service.models import AgentProfile, AgentSearch, Assignment, AssignmentRule, Message, Team, Ticket
from service.selectors.marks import register_marks
from service.services import claim_ticket, release_ticket, reopen_ticket, reply_to_ticket, resolve_ticket
from service.services.assigning import (
    hand_over_of_absent,
    place_waiting,
    seek_agent,
    set_availability,
)
from staff.models import Notification
from staff.services import add_leave
from tests.factories import make_customer
from tests.service.making import a_reason, make_agent, make_inlet, make_lead, make_ticket, write

pytestmark = pytest.mark.django_db


def make_profile(**over: Any) -> AgentProfile:
    user = over.pop("user", None) or make_agent()
    return AgentProfile.objects.create(user=user, **over)


def make_rule(**over: Any) -> AssignmentRule:
    return AssignmentRule.objects.create(
        **{"name": f"Rule {AssignmentRule.objects.count()}", "is_active": True, **over}
    )


def given(ticket: Ticket) -> tuple[int | None, str]:
    """Return who has the ticket and by which way a rule gave it."""
    ticket.refresh_from_db()
    last = Assignment.objects.filter(ticket=ticket).first()
    return ticket.assignee_id, last.way if last else ""


def test_without_a_rule_nothing_is_given_and_the_search_stays():
    make_profile()
    ticket = make_ticket()
    assert seek_agent(ticket_id=ticket.pk) is None
    assert given(ticket) == (None, "")
    assert AgentSearch.objects.get().ticket_id == ticket.pk


def test_in_turn_each_gets_as_many_and_the_ticket_tells_why():
    one, other = make_profile(), make_profile()
    rule = make_rule(name="Everything")
    tickets = [make_ticket() for _place in range(5)]
    for ticket in tickets:
        seek_agent(ticket_id=ticket.pk)
    assert [given(ticket)[0] for ticket in tickets] == [one.user_id, other.user_id] * 2 + [one.user_id]
    ticket = tickets[0]
    assert (ticket.status, Assignment.objects.first().rule) == ("open", rule)
    assert not AgentSearch.objects.exists()
    event = EventRecord.objects.filter(name="service.ticket_assigned", subject_id=ticket.pk).get()
    assert (event.data["way"], event.data["rule"], event.data["assignee_id"]) == (
        "round_robin",
        "Everything",
        one.user_id,
    )
    assert str(one.user) in sentences_of([event])[0]
    assert Notification.objects.filter(user=one.user_id, topic="assigned").count() == 3


def test_the_least_loaded_for_the_weight_comes_first():
    whole, half = make_profile(weight=10), make_profile(weight=5)
    make_rule(method="least_loaded")
    tickets = [make_ticket() for _place in range(6)]
    for ticket in tickets:
        seek_agent(ticket_id=ticket.pk)
    counts = [Ticket.objects.filter(assignee=one.user_id).count() for one in (whole, half)]
    assert counts == [4, 2]
    assert given(tickets[0]) == (whole.user_id, "least_loaded")


def test_nobody_gets_more_than_the_capacity_and_the_rest_waits_until_there_is_room():
    profile = make_profile(capacity=2)
    make_rule()
    tickets = [make_ticket() for _place in range(3)]
    assert [seek_agent(ticket_id=one.pk) is not None for one in tickets] == [True, True, False]
    assert place_waiting() == 0
    resolve_ticket(ticket_id=tickets[0].pk, reason_id=a_reason(), actor=profile.user)
    assert place_waiting() == 1
    assert given(tickets[2])[0] == profile.user_id


@pytest.mark.parametrize(
    ("profile", "rule", "is_given"),
    [
        ({"languages": ["ko"]}, {}, True),
        ({"languages": ["ja"]}, {}, False),
        ({"languages": []}, {}, True),
        ({"skills": ["repair", "wholesale"]}, {"skills": ["Repair"]}, True),
        ({"skills": ["wholesale"]}, {"skills": ["repair"]}, False),
        ({}, {"languages": ["ja"]}, False),
        ({}, {"inlet_kinds": ["phone"]}, False),
        ({}, {"inlet_kinds": ["phone", "email"]}, True),
        ({}, {"least_priority": 3}, False),
        ({}, {"tag": "vip"}, True),
        ({}, {"tag": "other"}, False),
        ({}, {"method": "queue"}, False),
        ({"availability": "paused"}, {}, False),
        ({"availability": "away"}, {}, False),
        ({"capacity": 0}, {}, False),
    ],
)
def test_language_skill_and_conditions(profile, rule, is_given):
    make_profile(**profile)
    make_rule(**rule)
    ticket = make_ticket(make_inlet(language="ko"), tags=["VIP"])
    assert (seek_agent(ticket_id=ticket.pk) is not None) is is_given


def test_the_first_rule_that_fits_counts_and_its_team_gets_the_ticket():
    inside, _outside = make_profile(), make_profile()
    team = Team.objects.create(name="Japan")
    team.members.add(inside.user)
    make_rule(name="later", position=200)
    make_rule(name="off", position=1, is_active=False, method="queue")
    make_rule(name="first", position=100, team=team)
    for _place in range(2):
        ticket = make_ticket()
        assert seek_agent(ticket_id=ticket.pk).rule.name == "first"
        assert given(ticket)[0] == inside.user_id
        assert ticket.team == team


def test_a_reason_means_all_that_is_part_of_it():
    make_profile()
    ticket = make_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(reason=a_reason("delivery-late"))
    rule = make_rule(reason_id=a_reason("money-amount"))
    assert seek_agent(ticket_id=ticket.pk) is None
    AssignmentRule.objects.filter(pk=rule.pk).update(reason=a_reason("delivery"))
    assert place_waiting() == 1


def test_marks_of_customers_are_tags_too():
    customer = make_customer()
    register_marks("test", lambda ids: {pk: ["VIP"] for pk in ids if pk == customer.pk})
    try:
        make_profile()
        make_rule(tag="vip")
        plain, special = make_ticket(), make_ticket()
        Ticket.objects.filter(pk=special.pk).update(customer=customer)
        assert seek_agent(ticket_id=plain.pk) is None
        assert seek_agent(ticket_id=special.pk) is not None
    finally:
        register_marks("test", lambda ids: {})


def test_a_customer_comes_back_to_who_answered_last_while_there_is_room():
    _first, second = make_profile(), make_profile(capacity=1)
    make_rule()
    customer = make_customer()
    before = make_ticket()
    Ticket.objects.filter(pk=before.pk).update(customer=customer)
    reply_to_ticket(ticket_id=before.pk, body="It left.", seen_version=1, key="a", actor=second.user)
    one, other = make_ticket(), make_ticket()
    Ticket.objects.filter(pk__in=[one.pk, other.pk]).update(customer=customer)
    seek_agent(ticket_id=one.pk)
    assert given(one) == (second.user_id, "last_agent")
    seek_agent(ticket_id=other.pk)  # no room any more
    assert given(other) == (_first.user_id, "round_robin")


def test_an_old_conversation_and_a_rule_that_does_not_ask_lead_nobody_back(monkeypatch):
    _first, second = make_profile(), make_profile()
    rule = make_rule()
    customer = make_customer()
    before = make_ticket()
    Ticket.objects.filter(pk=before.pk).update(customer=customer)
    reply_to_ticket(ticket_id=before.pk, body="It left.", seen_version=1, key="a", actor=second.user)
    monkeypatch.setattr("service.selectors.deciding.RECENT", timedelta(0))
    one = make_ticket()
    Ticket.objects.filter(pk=one.pk).update(customer=customer)
    seek_agent(ticket_id=one.pk)
    assert given(one)[1] == "round_robin"
    monkeypatch.undo()
    AssignmentRule.objects.filter(pk=rule.pk).update(returns_to_last=False)
    other = make_ticket()
    Ticket.objects.filter(pk=other.pk).update(customer=customer)
    seek_agent(ticket_id=other.pk)
    assert given(other)[1] == "round_robin"


def settled(profile: AgentProfile) -> Ticket:
    """Return a ticket that this agent answered and resolved."""
    ticket = make_ticket()
    claim_ticket(ticket_id=ticket.pk, actor=profile.user)
    reply_to_ticket(ticket_id=ticket.pk, body="It left.", seen_version=1, key=f"r{ticket.pk}", actor=profile.user)
    return resolve_ticket(ticket_id=ticket.pk, reason_id=a_reason(), actor=profile.user)


def test_what_is_opened_again_stays_with_its_agent_who_is_here_and_has_room():
    profile, _other = make_profile(capacity=1), make_profile()
    make_rule()
    ticket = settled(profile)
    reopen_ticket(ticket_id=ticket.pk, actor=profile.user)
    handlers.seek_for_reopened(TicketReopened(ticket_id=ticket.pk))
    assert given(ticket) == (profile.user_id, "")


@pytest.mark.parametrize("why", ["full", "away", "paused"])
def test_what_is_opened_again_goes_to_somebody_else_where_its_agent_cannot(why):
    profile, other = make_profile(capacity=1), make_profile()
    make_rule()
    ticket = settled(profile)
    if why == "full":
        claim_ticket(ticket_id=make_ticket().pk, actor=profile.user)
    else:
        set_availability(user_id=profile.user_id, availability=why, actor=profile.user)
    reopen_ticket(ticket_id=ticket.pk, actor=profile.user)
    handlers.seek_for_reopened(TicketReopened(ticket_id=ticket.pk))
    assert given(ticket) == (other.user_id, "round_robin")
    left = EventRecord.objects.filter(name="service.ticket_assigned", subject_id=ticket.pk, data__why=why).get()
    assert str(profile.user) in sentences_of([left])[0]


def test_an_ongoing_conversation_stays_even_without_room_but_not_with_who_is_away():
    profile, other = make_profile(capacity=0), make_profile()
    make_rule()
    first = write()
    claim_ticket(ticket_id=first.ticket_id, actor=profile.user)
    answer = reply_to_ticket(ticket_id=first.ticket_id, body="Which?", seen_version=1, key="a", actor=profile.user)
    write(in_reply_to=answer.message.message_id, body="The red one")
    event = EventRecord.objects.filter(name="service.message_taken").latest("pk")
    assert (event.data["has_reopened"], event.data["was_settled"]) == (True, False)
    back = MessageTaken(ticket_id=first.ticket_id, message_id=1, has_reopened=True)
    handlers.seek_for_returned(back)
    assert given(first.ticket)[0] == profile.user_id
    set_availability(user_id=profile.user_id, availability="away", actor=profile.user)
    handlers.seek_for_returned(back)
    assert given(first.ticket)[0] == other.user_id


def test_a_message_to_a_settled_ticket_says_so():
    profile = make_profile()
    ticket = settled(profile)
    first = Message.objects.filter(ticket=ticket, direction="inbound").get()
    write(in_reply_to=first.message_id, body="Still not here")
    assert EventRecord.objects.filter(name="service.message_taken").latest("pk").data["was_settled"] is True


def test_an_event_that_comes_twice_gives_once_and_what_was_given_back_stays_in_the_queue():
    profile = make_profile()
    make_rule()
    ticket = make_ticket()
    for _turn in range(2):
        handlers.seek_for_new(TicketOpened(ticket_id=ticket.pk, inlet="a"))
    assert Assignment.objects.count() == 1
    release_ticket(ticket_id=ticket.pk, actor=profile.user)
    assert place_waiting() == 0
    assert given(ticket)[0] is None


def test_a_new_ticket_that_somebody_without_room_claimed_before_the_event_stays_theirs():
    full, _other = make_profile(capacity=0), make_profile()
    make_rule()
    ticket = make_ticket()
    claim_ticket(ticket_id=ticket.pk, actor=full.user)
    handlers.seek_for_new(TicketOpened(ticket_id=ticket.pk, inlet="a"))
    assert given(ticket) == (full.user_id, "")


def test_what_somebody_claimed_meanwhile_is_sought_no_more():
    profile, lead = make_profile(availability="away"), make_lead()
    make_rule()
    ticket = make_ticket()
    seek_agent(ticket_id=ticket.pk)
    claim_ticket(ticket_id=ticket.pk, actor=lead)
    set_availability(user_id=profile.user_id, availability="here", actor=lead)
    assert tasks.assign_waiting() == 0
    assert not AgentSearch.objects.exists()
    assert given(ticket)[0] == lead.pk


def test_leave_hands_over_what_waits_and_leaves_what_waits_for_the_customer():
    gone, other = make_profile(), make_profile(capacity=1)
    make_rule()
    waits, too_many, theirs = make_ticket(), make_ticket(), make_ticket()
    for ticket in (waits, too_many, theirs):
        claim_ticket(ticket_id=ticket.pk, actor=gone.user)
    reply_to_ticket(ticket_id=theirs.pk, body="Which?", seen_version=1, key="a", actor=gone.user)
    assert tasks.assign_waiting() == 0
    today = timezone.localdate()
    add_leave(user_id=gone.user_id, starts_on=today - timedelta(days=1), ends_on=today + timedelta(days=1))
    assert hand_over_of_absent() == 2
    assert given(waits)[0] == other.user_id
    assert given(too_many)[0] is None  # nobody has room: everybody sees it in the queue
    assert given(theirs)[0] == gone.user_id
    assert hand_over_of_absent() == 0


def test_away_ends_by_itself_and_the_queue_is_given_out():
    profile = make_profile()
    make_rule()
    set_availability(
        user_id=profile.user_id, availability="away", until=timezone.now() + timedelta(hours=1), actor=profile.user
    )
    ticket = make_ticket()
    seek_agent(ticket_id=ticket.pk)
    assert tasks.assign_waiting() == 0
    AgentProfile.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert tasks.assign_waiting() == 1
    assert given(ticket)[0] == profile.user_id


def test_who_may_not_answer_any_more_gets_nothing_and_loses_what_waits():
    profile = make_profile()
    make_rule()
    ticket = make_ticket()
    claim_ticket(ticket_id=ticket.pk, actor=profile.user)
    profile.user.user_permissions.clear()
    assert seek_agent(ticket_id=make_ticket().pk) is None
    assert hand_over_of_absent() == 1
    assert given(ticket)[0] is None


def test_nothing_comes_outside_of_working_hours_to_who_keeps_them(monkeypatch):
    make_profile(keeps_hours=True)
    make_rule()
    ticket = make_ticket()
    monkeypatch.setattr("staff.selectors.working_time.WorkingTime.is_open", lambda self, moment: False)
    assert seek_agent(ticket_id=ticket.pk) is None
    assert hand_over_of_absent() == 0
    monkeypatch.setattr("staff.selectors.working_time.WorkingTime.is_open", lambda self, moment: True)
    assert place_waiting() == 1
