"""Invariants of return cases find what is planted."""

import pytest
from django.db import connection

from core.verify import verify
from orders.models import ReturnCondition
from returns.models import Finding, Resolution
from returns.services import approve_return
from tests.factories import make_stock
from tests.returns.making import ask, came_back, sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> None:
    """One case was inspected, an exchange is promised, and one waits for a decision."""
    item = make_stock(on_hand=20)
    order = sold(item, 6)
    came_back(ask(order, 2), (1, ReturnCondition.GOOD), (1, ReturnCondition.DAMAGED))
    approve_return(request_id=ask(order, 1, wish=Resolution.EXCHANGE).pk)
    ask(order, 1)
    assert Finding.objects.count() == 2


PLANTS = {
    "returns.received_equals_returns": "UPDATE returns_requestline SET received_count = 1 WHERE received_count = 2",
    "returns.findings_equal_pieces": "UPDATE returns_finding SET value = value + 1",
    "returns.resolved_has_outcomes": (
        "UPDATE returns_returnrequest SET state = 'resolved', resolved_at = now() WHERE state = 'inspected'"
    ),
    "returns.kept_pieces_are_held": "UPDATE inventory_stockhold SET released = quantity WHERE kind = 'exchange'",
    "returns.not_more_than_shipped": "UPDATE orders_orderline SET shipped_count = 1, returned_count = 0",
    "returns.numbers_below_sequence": "UPDATE core_sequence SET next_value = 2 WHERE name = 'returns.request'",
}


def test_all_hold_at_first(books):
    assert [finding.invariant.name for finding in verify() if not finding.holds] == []


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_breach_is_found_and_named(name, books):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(PLANTS[name])

    [finding] = verify(names=[name])

    assert finding.count == len(finding.breaches) >= 1
    assert all(value is not None for row in finding.breaches for value in row.values())
