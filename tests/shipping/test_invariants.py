"""Invariants of shipping find what is planted."""

import pytest
from django.db import connection

from core.verify import verify
from shipping.services import make_wave
from tests.factories import make_stock, make_variant
from tests.shipping.packing_table import criteria_of, ready_order, scan_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def table() -> None:
    """Of a wave of two orders one is packed."""
    item = make_stock(make_variant(sku="TEE"), on_hand=20)
    first, _second = ready_order((item, 2)), ready_order((item, 1))
    make_wave(criteria=criteria_of(item))
    assert scan_all(first.number, "TEE", "TEE")[-1].outcome == "complete"


PLANTS = {
    "shipping.waves_end_when_empty": "UPDATE shipping_wave SET state = 'done', ended_at = now()",
    "shipping.packed_orders_have_parcels": (
        "UPDATE shipping_packing SET state = 'stopped', shipment_id = NULL WHERE state = 'packed'"
    ),
    "shipping.scans_equal_parcels": ("UPDATE shipping_packingcheck SET outcome = 'too_many' WHERE outcome = 'right'"),
    "shipping.wave_numbers_below_sequence": "UPDATE core_sequence SET next_value = 1 WHERE name = 'shipping.wave'",
}


def test_all_hold_at_first(table):
    assert [finding.invariant.name for finding in verify() if not finding.holds] == []


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_breach_is_found_and_named(name, table):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(PLANTS[name])

    [finding] = verify(names=[name])

    assert finding.count == len(finding.breaches) >= 1
    assert all(value is not None for row in finding.breaches for value in row.values())
