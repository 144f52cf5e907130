"""Invariants of reasons find what is planted."""

import pytest
from django.db import connection

from core.verify import verify
from service.services import resolve_ticket
from tests.service.making import a_reason, make_ticket

pytestmark = pytest.mark.django_db

PLANTS = {
    "service.solved_has_reason": "UPDATE service_ticket SET reason_id = NULL",
    "service.reasons_merged_one_step": (
        "UPDATE service_reasonnode SET merged_into_id = (SELECT id FROM service_reasonnode WHERE code = 'money-failed')"
        " WHERE code = 'delivery-late';"
        "UPDATE service_reasonnode SET merged_into_id = (SELECT id FROM service_reasonnode WHERE code = 'money-amount')"
        " WHERE code = 'money-failed'"
    ),
}


@pytest.mark.parametrize("name", PLANTS)
def test_each_rule_finds_its_breach(name):
    resolve_ticket(ticket_id=make_ticket().pk, reason_id=a_reason(), actor=None)
    [sound] = verify(names=[name])
    assert sound.holds
    with connection.cursor() as cursor:
        cursor.execute(PLANTS[name])
    [broken] = verify(names=[name])
    assert not broken.holds
