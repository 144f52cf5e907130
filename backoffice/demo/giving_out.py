"""Who answers at the demo's desk, who is away, and by which rules tickets find them."""

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from backoffice.demo.vocabulary import load
from service.models import AgentProfile, Ticket
from service.services.assigning import RuleDraft, save_assignment_rule, seek_agent, set_availability
from staff.models import User


def give_out(*, team: Mapping[str, User]) -> int:
    """Enter the agents, write the rules and let waiting tickets find somebody; return how many were given."""
    plan = load("desk_day")
    known = {**team, **{user.username: user for user in User.objects.filter(username__startswith="cs.")}}
    for one in plan["agents"]:
        user = known[one["username"]]
        AgentProfile.objects.create(
            user=user, languages=one["languages"], skills=one["skills"], weight=one["weight"], capacity=one["capacity"]
        )
        if days := one.get("away_days"):
            until = timezone.now() + timedelta(days=days)
            set_availability(user_id=user.pk, availability="away", until=until, actor=user)
    for one in plan["assignment"]:
        save_assignment_rule(draft=RuleDraft(**one, is_active=True), actor=team["cslead"])
    waiting = Ticket.objects.to_answer().filter(assignee=None, merged_into=None).order_by("pk")
    return sum(seek_agent(ticket_id=pk) is not None for pk in list(waiting.values_list("pk", flat=True)))
