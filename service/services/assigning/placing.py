"""Tickets are given out: one decision at a time, so that nobody gets more than there is room for and turns are fair."""

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from core.events import record
from service.events import TicketAssigned
from service.models import TO_ANSWER, AgentSearch, Assignment, AssignmentMethod, Ticket, TicketStatus
from service.selectors.agents import GONE, Obstacle, agents_at
from service.selectors.deciding import Decision, active_rules, decide, matters_of, rule_for, turns_of
from service.services.assigning.telling import tell_assigned
from service.services.locking import beat, lock_ticket

MOST = 5000  # of those that wait, looked at in one run
HANDED_OVER = 500  # in one run; the next one goes on


@transaction.atomic
def seek_agent(*, ticket_id: int, was_settled: bool = False) -> Assignment | None:
    """Find somebody for a ticket that was opened or came back; return what was given, None where nobody gets it now.

    1. Who has it keeps it: unless away, on leave or gone, or, where the matter ``was_settled``, not
       here or without room. Then it goes back to the queue.
    2. That somebody is sought is a row of its own, which stays until somebody has the ticket: what nobody takes now,
       ``place_waiting`` gives out later. Repeating finds what is already given and changes nothing.
    """
    ticket = lock_ticket(ticket_id)
    if ticket.status not in TO_ANSWER:
        return None
    if ticket.assignee_id is not None:
        one_at_a_time()
        why = _why_leaving(ticket, was_settled=was_settled)
        if why is None:
            return None
        _take_from(ticket, why)
    AgentSearch.objects.get_or_create(ticket=ticket)
    return _place(ticket)


def place_waiting(*, limit: int = MOST) -> int:
    """Give out what waits for somebody, the most pressing and longest waiting first; return how many were given.

    Who could get what is looked up once for all; each ticket is then decided anew under the lock, in its own
    transaction, and one that somebody works on just now is left to the next run.
    """
    AgentSearch.objects.filter(
        ~Q(ticket__status__in=TO_ANSWER, ticket__assignee=None, ticket__merged_into=None)
    ).delete()
    rules = active_rules()
    if not rules:
        return 0
    waiting = Ticket.objects.filter(agent_search__isnull=False).select_related("inlet").defer("search_text")
    tickets = list(waiting.order_by("-priority", "agent_search__since", "pk")[:limit])
    now, given = timezone.now(), 0
    agents = agents_at(now) if tickets else {}
    for matter in matters_of(tickets, now=now) if tickets else ():
        decision = decide(matter=matter, rules=rules, agents=agents, turns={})
        if decision.agent is None:
            continue
        assignment = _place_if_free(matter.ticket.pk)
        if assignment is not None:
            given += 1
        if assignment is None or assignment.agent_id not in agents:
            agents = agents_at(timezone.now())
        else:
            agents[assignment.agent_id].load += 1
    return given


def hand_over_of_absent(*, limit: int = HANDED_OVER) -> int:
    """Give the tickets of who is away, on leave or gone to others, or back to the queue; return how many left them."""
    absent = [agent.user_id for agent in agents_at(timezone.now()).values() if agent.absence in GONE and agent.load]
    rows = Ticket.objects.to_answer().filter(assignee__in=absent).order_by("-priority", "waiting_since", "pk")
    ids = list(rows.values_list("pk", "assignee_id")[:limit])
    for ticket_id, _before in ids:
        seek_agent(ticket_id=ticket_id)
    left = dict(Ticket.objects.filter(pk__in=[pk for pk, _before in ids]).values_list("pk", "assignee_id"))
    return sum(left.get(pk) != before for pk, before in ids)


def forget_search(ticket_ids: Iterable[int]) -> None:
    """Seek nobody any more: somebody has put these tickets where they are."""
    AgentSearch.objects.filter(ticket__in=list(ticket_ids)).delete()


def one_at_a_time() -> None:
    """Let others who give out tickets wait until this transaction ends; taken after the ticket's own lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('service.assigning'))")


@transaction.atomic
def _place_if_free(ticket_id: int) -> Assignment | None:
    free = Ticket.objects.filter(pk=ticket_id, assignee=None, merged_into=None, status__in=TO_ANSWER)
    ticket = free.filter(agent_search__isnull=False).select_for_update(skip_locked=True, of=("self",)).first()
    return _place(ticket) if ticket is not None else None


def _place(ticket: Ticket) -> Assignment | None:
    """Decide about a locked ticket that nobody has, and give it."""
    rules, now = active_rules(), timezone.now()
    [matter] = matters_of([ticket], now=now)
    rule = rule_for(matter, rules)
    if rule is None or rule.method == AssignmentMethod.QUEUE:
        return None
    one_at_a_time()
    agents = agents_at(now)
    return _give(ticket, decide(matter=matter, rules=[rule], agents=agents, turns=turns_of(rule, agents)))


def _give(ticket: Ticket, decision: Decision) -> Assignment | None:
    rule, agent, way = decision.rule, decision.agent, decision.way
    if rule is None or agent is None or way is None:
        return None
    ticket.assignee_id = agent.user_id
    ticket.team_id = rule.team_id or ticket.team_id
    if ticket.status == TicketStatus.NEW:
        ticket.status = TicketStatus.OPEN
    ticket.save(update_fields=["assignee", "team", "status", "updated_at"])
    assignment = Assignment.objects.create(ticket=ticket, agent_id=agent.user_id, rule=rule, way=way)
    forget_search([ticket.pk])
    fact = TicketAssigned(ticket_id=ticket.pk, assignee_id=agent.user_id, way=way, rule=rule.name)
    record(fact, subject=ticket)
    tell_assigned(ticket, agent.user_id, key=f"ticket:{ticket.pk}:given:{assignment.pk}")
    beat([ticket.pk])
    return assignment


def _why_leaving(ticket: Ticket, *, was_settled: bool) -> Obstacle | None:
    """Say why the ticket cannot stay with whom it is; None when it can, or when that colleague knows no rules."""
    agent = agents_at(timezone.now()).get(ticket.assignee_id or 0)
    if agent is None or (not was_settled and agent.absence not in GONE):
        return None
    # this ticket is among those that wait
    return agent.absence or (Obstacle.FULL if agent.load > agent.profile.capacity else None)


def _take_from(ticket: Ticket, why: Obstacle) -> None:
    before, ticket.assignee = ticket.assignee_id, None
    ticket.save(update_fields=["assignee", "updated_at"])
    fact = TicketAssigned(ticket_id=ticket.pk, assignee_id=None, before_id=before, why=why)
    record(fact, subject=ticket)
    beat([ticket.pk])
