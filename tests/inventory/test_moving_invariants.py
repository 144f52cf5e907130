"""Invariants of transfers and kits find what is planted."""

import pytest
from django.db import connection

from core.verify import verify
from inventory.models import Assembly, TransferLine
from inventory.services.moving import assemble_kits, send_transfer
from tests.factories import make_stock
from tests.inventory.moving import make_bundle, make_transfer

pytestmark = pytest.mark.django_db


def broken() -> set[str]:
    return {finding.invariant.name for finding in verify() if not finding.holds}


@pytest.fixture
def transfer():
    made = make_transfer((make_stock(on_hand=10), 4))
    return send_transfer(transfer_id=made.pk)


@pytest.fixture
def assembly():
    cup = make_stock(on_hand=10)
    bundle = make_bundle((cup.variant, 1))
    return assemble_kits(bundle_id=bundle.pk, warehouse_id=cup.warehouse_id, quantity=3)


def test_all_hold_at_first(transfer, assembly):
    assert broken() == set()


PLANTS = {
    "inventory.transfers_equal_movements": "UPDATE inventory_transferline SET received = 1",
    "inventory.transfer_states_follow_lines": "UPDATE inventory_transfer SET state = 'received'",
    "inventory.assemblies_equal_movements": "UPDATE inventory_assembly SET quantity = 2",
    "inventory.transfer_numbers_below_sequence": (
        "UPDATE core_sequence SET next_value = 1 WHERE name = 'inventory.transfer'"
    ),
    "inventory.assembly_numbers_below_sequence": (
        "UPDATE core_sequence SET next_value = 1 WHERE name = 'inventory.assembly'"
    ),
}


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_breach_is_found_and_named(name, transfer, assembly):
    with connection.cursor() as cursor:
        cursor.execute(PLANTS[name])

    assert broken() == {name}


def test_a_line_that_is_gone_and_a_draft_that_was_sent_are_found(transfer):
    TransferLine.objects.all().delete()
    assert broken() == {"inventory.transfers_equal_movements", "inventory.transfer_states_follow_lines"}


def test_kits_that_went_the_other_way_are_found(assembly):
    Assembly.objects.update(kind="unkit")
    assert broken() == {"inventory.assemblies_equal_movements"}
