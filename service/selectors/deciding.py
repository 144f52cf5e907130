"""Who gets a ticket by the rules, and why nobody does: decided from facts at hand, so that a preview says the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Max, OuterRef, Subquery

from core.search import fold
from service.models import (
    Assignment,
    AssignmentMethod,
    AssignmentRule,
    AssignmentWay,
    Direction,
    Message,
    OutgoingState,
    ReasonNode,
    Ticket,
)
from service.selectors.agents import Agent, Obstacle
from service.selectors.marks import marks_of
from staff.models import User

RECENT = timedelta(days=30)  # who answered within it is the last agent
Turns = dict[tuple[int | None, int], int]  # (rule, colleague) → the last assignment; who has the lowest is next


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What rules look at in a ticket."""

    ticket: Ticket
    tags: frozenset[str]  # folded; those of its customer too
    reason_ids: frozenset[int]  # its reason and what that is part of
    last_agent_id: int | None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Which rule fits, who gets the ticket and by which way; ``passed`` tells of the others."""

    matter: Matter
    rule: AssignmentRule | None = None
    agent: Agent | None = None
    way: AssignmentWay | None = None
    passed: Sequence[tuple[Agent, Obstacle]] = field(default_factory=tuple)


def active_rules() -> list[AssignmentRule]:
    """Return the rules in the order in which they are tried."""
    return list(AssignmentRule.objects.filter(is_active=True).select_related("team"))


def matters_of(tickets: Sequence[Ticket], *, now: datetime) -> list[Matter]:
    """Return what rules look at in each ticket, with ``inlet`` at hand (four statements and one for each source)."""
    marks = marks_of({ticket.customer_id for ticket in tickets if ticket.customer_id is not None})
    parents = _parents() if any(ticket.reason_id for ticket in tickets) else {}
    by_customer, by_ticket = _last_agents(tickets, now)
    return [
        Matter(
            ticket=ticket,
            tags=frozenset({fold(tag) for tag in ticket.tags} | marks.get(ticket.customer_id or 0, set())),
            reason_ids=frozenset(_upwards(ticket.reason_id, parents)),
            last_agent_id=by_ticket.get(ticket.pk) or by_customer.get(ticket.customer_id or 0),
        )
        for ticket in tickets
    ]


def is_meant(rule: AssignmentRule, matter: Matter) -> bool:
    """Tell whether all that the rule asks for is true of the ticket."""
    ticket = matter.ticket
    return (
        rule.inlet_id in {None, ticket.inlet_id}
        and (not rule.inlet_kinds or ticket.inlet.kind in rule.inlet_kinds)
        and (not rule.languages or ticket.language in rule.languages)
        and ticket.priority >= rule.least_priority
        and (not rule.tag or fold(rule.tag) in matter.tags)
        and (rule.reason_id is None or rule.reason_id in matter.reason_ids)
        and rule.of_team_id in {None, ticket.team_id}
    )


def rule_for(matter: Matter, rules: Iterable[AssignmentRule]) -> AssignmentRule | None:
    """Return the first rule that fits."""
    return next((rule for rule in rules if is_meant(rule, matter)), None)


def decide(*, matter: Matter, rules: Iterable[AssignmentRule], agents: Mapping[int, Agent], turns: Turns) -> Decision:
    """Return who gets the ticket now.

    The first rule that fits decides. Who answered the customer last comes first, if here and with room; else one of the
    rule's people who are here, have room, the language and the skills: in turn, or the least loaded for their weight.
    """
    rule = rule_for(matter, rules)
    if rule is None or rule.method == AssignmentMethod.QUEUE:
        return Decision(matter=matter, rule=rule)
    last = agents.get(matter.last_agent_id or 0) if rule.returns_to_last else None
    if last is not None and last.absence is None and last.room:
        return Decision(matter=matter, rule=rule, agent=last, way=AssignmentWay.LAST_AGENT)
    able, passed = [], []
    for agent in agents.values():
        if rule.team_id is not None and rule.team_id not in agent.team_ids:
            continue
        obstacle = _obstacle(agent, rule, matter.ticket)
        if obstacle is None:
            able.append(agent)
        else:
            passed.append((agent, obstacle))
    if not able:
        return Decision(matter=matter, rule=rule, passed=passed)
    if rule.method == AssignmentMethod.LEAST_LOADED:
        chosen = min(able, key=lambda one: ((one.load + 1) / one.profile.weight, *_turn(one, rule, turns)))
        return Decision(matter=matter, rule=rule, agent=chosen, way=AssignmentWay.LEAST_LOADED, passed=passed)
    chosen = min(able, key=lambda one: _turn(one, rule, turns))
    return Decision(matter=matter, rule=rule, agent=chosen, way=AssignmentWay.ROUND_ROBIN, passed=passed)


def turns_of(rule: AssignmentRule, agents: Mapping[int, Agent]) -> Turns:
    """Return when each of them was last given something by the rule (one statement, one row of the index for each)."""
    last = Assignment.objects.filter(rule=rule, agent=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    rows = User.objects.filter(pk__in=agents).annotate(turn=Subquery(last)).values_list("pk", "turn")
    return {(rule.pk, user_id): turn or 0 for user_id, turn in rows}


def preview_rules(
    *, rules: Sequence[AssignmentRule], tickets: Sequence[Ticket], agents: dict[int, Agent], now: datetime
) -> list[Decision]:
    """Return who would get each ticket, one after the other, if they came in now; ``agents`` fill up by it."""
    given = Assignment.objects.filter(rule__in=[rule.pk for rule in rules if rule.pk]).values_list("rule", "agent")
    turns: Turns = {(rule, agent): last for rule, agent, last in given.order_by().annotate(last=Max("pk"))}
    place = max(turns.values(), default=0)
    decisions = []
    for matter in matters_of(tickets, now=now):
        decision = decide(matter=matter, rules=rules, agents=agents, turns=turns)
        if decision.agent is not None and decision.rule is not None:
            place += 1
            decision.agent.load += 1
            turns[decision.rule.pk, decision.agent.user_id] = place
        decisions.append(decision)
    return decisions


def _turn(agent: Agent, rule: AssignmentRule, turns: Turns) -> tuple[int, int]:
    return turns.get((rule.pk, agent.user_id), 0), agent.user_id


def _obstacle(agent: Agent, rule: AssignmentRule, ticket: Ticket) -> Obstacle | None:
    if agent.absence is not None:
        return agent.absence
    if agent.profile.languages and ticket.language not in agent.profile.languages:
        return Obstacle.LANGUAGE
    if not {fold(skill) for skill in rule.skills} <= {fold(skill) for skill in agent.profile.skills}:
        return Obstacle.SKILL
    return None if agent.room else Obstacle.FULL


def _parents() -> dict[int, int | None]:
    rows = ReasonNode.objects.values_list("pk", "merged_into_id", "parent_id")
    return {pk: merged or parent for pk, merged, parent in rows}


def _upwards(reason_id: int | None, parents: Mapping[int, int | None]) -> Iterable[int]:
    while reason_id is not None:
        yield reason_id
        reason_id = parents.get(reason_id)


def _last_agents(tickets: Sequence[Ticket], now: datetime) -> tuple[dict[int, int], dict[int, int]]:
    """Return who answered last by customer, and by ticket where nobody knows the customer."""
    answers = Message.objects.filter(direction=Direction.OUTBOUND, author__isnull=False, at__gte=now - RECENT)
    answers = answers.exclude(outgoing__state=OutgoingState.UNDONE)
    customers = {ticket.customer_id for ticket in tickets if ticket.customer_id is not None}
    unknown = [ticket.pk for ticket in tickets if ticket.customer_id is None]
    found = []
    for column, ids in (("ticket__customer_id", customers), ("ticket_id", unknown)):
        rows = answers.filter(**{f"{column}__in": ids}).order_by(column, "-at", "-pk").distinct(column)
        found.append(dict(rows.values_list(column, "author_id")) if ids else {})
    return found[0], found[1]
