"""Who gets what: rules tried before they are saved, and who may say so."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import EventRecord
from service.models import AssignmentRule, Ticket
from service.selectors.agents import agents_at
from service.selectors.deciding import active_rules, preview_rules
from service.services.assigning import (
    RuleDraft,
    save_assignment_rule,
    seek_agent,
    set_availability,
)
from tests.service.making import make_agent, make_inlet, make_lead, make_ticket
from tests.service.test_assigning import given, make_profile, make_rule

pytestmark = pytest.mark.django_db


def test_the_preview_says_what_then_happens_and_changes_nothing():
    one, other = make_profile(capacity=2), make_profile(languages=["ja"])
    make_rule(name="All")
    tickets = [make_ticket(make_inlet(language="ko")) for _place in range(3)]
    now = timezone.now()
    decisions = preview_rules(rules=active_rules(), tickets=tickets, agents=agents_at(now), now=now)
    told = [(one.agent.user_id if one.agent else None, one.way) for one in decisions]
    assert told == [(one.user_id, "round_robin")] * 2 + [(None, None)]
    assert [obstacle for _agent, obstacle in decisions[2].passed] == ["full", "language"]
    assert not Ticket.objects.exclude(assignee=None).exists()
    for ticket in tickets:
        seek_agent(ticket_id=ticket.pk)
    assert [given(ticket)[0] for ticket in tickets] == [user_id for user_id, _way in told]
    assert other.user_id not in Ticket.objects.values_list("assignee", flat=True)


# --- who may


def test_only_oneself_or_the_lead_says_that_somebody_is_away():
    profile, stranger, lead = make_profile(), make_agent(), make_lead()
    with pytest.raises(NotAllowed):
        set_availability(user_id=profile.user_id, availability="away", actor=stranger)
    profile.refresh_from_db()
    assert profile.availability == "here"
    assert not EventRecord.objects.filter(name="service.availability_changed").exists()
    assert set_availability(user_id=profile.user_id, availability="paused", actor=profile.user).availability == "paused"
    assert set_availability(user_id=profile.user_id, availability="away", actor=lead).availability == "away"
    with pytest.raises(InvalidInput):
        set_availability(user_id=stranger.pk, availability="away", actor=stranger)  # no agent
    with pytest.raises(InvalidInput):
        set_availability(user_id=profile.user_id, availability="away", until=timezone.now(), actor=lead)
    with pytest.raises(InvalidInput):
        set_availability(user_id=profile.user_id, availability="gone", actor=lead)


def test_only_who_may_write_rules_writes_them_and_a_name_is_there_once():
    with pytest.raises(NotAllowed):
        save_assignment_rule(draft=RuleDraft(name="All"), actor=make_agent())
    assert not AssignmentRule.objects.exists()
    writer = make_agent()
    writer.user_permissions.add(*_permissions("change_assignmentrule"))
    rule = save_assignment_rule(draft=RuleDraft(name=" All ", skills=["Repair", "", "repair"], tag="VIP"), actor=writer)
    assert (rule.name, rule.skills, rule.tag, rule.is_active) == ("All", ["repair"], "vip", False)
    save_assignment_rule(draft=RuleDraft(name="All", is_active=True), rule_id=rule.pk, actor=writer)
    rule.refresh_from_db()
    assert (rule.is_active, rule.skills) == (True, [])
    with pytest.raises(Conflict):
        save_assignment_rule(draft=RuleDraft(name="All"), actor=writer)
    with pytest.raises(Conflict):
        save_assignment_rule(draft=RuleDraft(name="Other"), rule_id=rule.pk + 1, actor=writer)
    with pytest.raises(InvalidInput):
        save_assignment_rule(draft=RuleDraft(name="Other", method="dice"), actor=writer)
    saved = EventRecord.objects.filter(name="service.assignment_rule_saved", subject_id=rule.pk)
    assert [row.data["is_active"] for row in saved.order_by("pk")] == [False, True]


def _permissions(*names: str) -> Any:
    return Permission.objects.filter(codename__in=names)
