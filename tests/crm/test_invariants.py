"""Invariants of merged customers find what is planted."""

import pytest
from django.db import connection

from core.verify import verify
from crm.models import DuplicateProposal, Merge
from tests.factories import make_customer

pytestmark = pytest.mark.django_db

PLANTS = {
    "crm.apart_stays_apart": "UPDATE crm_duplicateproposal SET state = 'apart'",
    "crm.merges_lead_out": (
        "INSERT INTO crm_merge (survivor_id, absorbed_id) SELECT absorbed_id, survivor_id FROM crm_merge"
    ),
}


@pytest.mark.parametrize("name", PLANTS)
def test_each_rule_finds_its_breach(name):
    first, second = make_customer(), make_customer()
    DuplicateProposal.objects.create(first=first, second=second, score=60, reasons=["email"], state="merged")
    Merge.objects.create(survivor=first, absorbed=second)
    [sound] = verify(names=[name])
    assert sound.holds
    with connection.cursor() as cursor:
        cursor.execute(PLANTS[name])
    [broken] = verify(names=[name])
    assert not broken.holds
