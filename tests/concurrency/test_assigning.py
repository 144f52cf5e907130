"""Tickets that come in side by side: nobody gets more than there is room for, and turns stay fair."""

import pytest

from service.models import AgentProfile, AgentSearch, Assignment, AssignmentRule, Ticket
from service.services import claim_ticket
from service.services.assigning import place_waiting, seek_agent
from staff.models import Notification, User
from tests.concurrency.race import barrier_of, race
from tests.service.making import make_agent, make_ticket

pytestmark = pytest.mark.django_db(transaction=True)


def make_tickets(count: int) -> list[int]:
    """Make tickets that nobody has and return their ids."""
    rows = Ticket.objects.filter(pk=make_ticket().pk).values().get()
    Ticket.objects.bulk_create(
        Ticket(**{**rows, "id": None, "number": f"Q-8{place:06d}"}) for place in range(count - 1)
    )
    return list(Ticket.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.parametrize("method", ["round_robin", "least_loaded"])
def test_three_workers_give_out_sixty_tickets_fairly_and_never_above_the_capacity(method):
    agents = [make_agent().pk for _place in range(4)]
    AgentProfile.objects.bulk_create(AgentProfile(user_id=pk, capacity=12) for pk in agents)
    AssignmentRule.objects.create(name="All", method=method, is_active=True)
    ids = make_tickets(60)
    together = barrier_of(3)

    def give(place: int):
        def run() -> int:
            together.wait(60)
            return sum(seek_agent(ticket_id=pk) is not None for pk in ids[place::3])

        return run

    results = race(*(give(place) for place in range(3)))
    assert [result.kind for result in results] == ["done"] * 3, results
    assert sum(result.value for result in results) == 48
    assert [Ticket.objects.filter(assignee=pk).count() for pk in agents] == [12] * 4
    assert AgentSearch.objects.count() == 12
    order = list(Assignment.objects.order_by("pk").values_list("agent", flat=True))
    rounds = [set(order[place : place + 4]) for place in range(0, 48, 4)]
    assert rounds == [set(agents)] * 12  # in each round everybody once, whoever gave it out


def test_one_ticket_is_given_once_by_an_event_that_comes_twice_and_two_drains_beside_it():
    for _place in range(2):
        AgentProfile.objects.create(user=make_agent())
    AssignmentRule.objects.create(name="All", is_active=True)
    ids = make_tickets(20)
    AgentSearch.objects.bulk_create(AgentSearch(ticket_id=pk) for pk in ids)
    results = race(
        place_waiting,
        place_waiting,
        lambda: sum(seek_agent(ticket_id=pk) is not None for pk in ids),
        lambda: sum(seek_agent(ticket_id=pk) is not None for pk in reversed(ids)),
    )
    assert [result.kind for result in results] == ["done"] * 4, results
    assert sum(result.value for result in results) == 20
    assert sorted(Assignment.objects.values_list("ticket", flat=True)) == ids
    assert Notification.objects.filter(topic="assigned").count() == 20
    assert [Ticket.objects.filter(assignee=one.user_id).count() for one in AgentProfile.objects.all()] == [10, 10]


def test_claims_beside_the_rules_leave_one_owner_and_the_limit_of_the_others():
    claimer = make_agent()
    profile = AgentProfile.objects.create(user=make_agent(), capacity=5)
    AssignmentRule.objects.create(name="All", is_active=True)
    ids = make_tickets(20)

    def claim() -> int:
        won = 0
        for pk in ids:
            try:
                claim_ticket(ticket_id=pk, actor=User.objects.get(pk=claimer.pk))
                won += 1
            except Exception as error:  # noqa: BLE001 counted by its kind
                assert type(error).__name__ == "Conflict", error  # noqa: PT017
        return won

    results = race(claim, lambda: sum(seek_agent(ticket_id=pk) is not None for pk in ids))
    assert [result.kind for result in results] == ["done", "done"], results
    assert results[0].value + results[1].value == 20
    assert Ticket.objects.filter(assignee=profile.user_id).count() == results[1].value <= 5
    assert Ticket.objects.filter(assignee=claimer).count() == results[0].value
