"""Invariants of customer service find what is planted."""

import pytest
from django.db import connection

from core.verify import verify
from service.models import Macro
from service.services import merge_tickets
from service.services.macros import use_macro
from tests.service.making import make_agent, make_lead, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> None:
    """Two tickets are one, and a macro was used."""
    first, second = write(), write()
    merge_tickets(ticket_id=second.ticket_id, into_id=first.ticket_id, actor=make_lead())
    third = write()
    macro = Macro.objects.create(name="Thanks", body_ko="감사합니다")
    use_macro(macro_id=macro.pk, ticket_id=third.ticket_id, seen_version=1, key="k", actor=make_agent())


PLANTS = {
    "service.macro_uses_counted": "UPDATE service_macro SET use_count = 2",
    "service.merges_recorded": "UPDATE service_ticket SET merged_into_id = NULL WHERE merged_into_id IS NOT NULL",
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
