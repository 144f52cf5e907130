"""Invariants of holds, shelves and numbered pieces find what is planted."""

import pytest
from django.db import connection

from core.verify import verify
from inventory.models import Bin, EntryKind, HoldKind, StockPolicy
from inventory.services import EntryLine, HoldWish, LotGiven, hold_stock, post_entry
from inventory.services.moving import send_transfer
from tests.factories import make_stock, make_variant, make_warehouse
from tests.inventory.moving import make_transfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelves() -> None:
    """Two numbered pieces of a lot in a bin, one of them held; another warehouse has a bin, another variant stock."""
    item = make_stock(on_hand=0)
    StockPolicy.objects.create(variant=item.variant, tracks_serials=True)
    place = Bin.objects.create(warehouse=item.warehouse, code="A-1")
    line = EntryLine(
        variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=2, serials=("1", "2"), bin_id=place.pk,
        lot=LotGiven(number="L1"),
    )  # fmt: skip
    post_entry(kind=EntryKind.RECEIPT, lines=[line])
    hold_stock(wishes=[HoldWish(stock_item_id=item.pk, kind=HoldKind.DISPLAY, quantity=1)])
    Bin.objects.create(warehouse=make_warehouse(), code="B-1")
    phone = make_stock(make_variant(), on_hand=5)
    StockPolicy.objects.create(variant=phone.variant, tracks_serials=True)
    transfer = make_transfer((phone, 1))
    send_transfer(transfer_id=transfer.pk, serials={transfer.lines.get().pk: ["P-1"]})


PLANTS = {
    "inventory.serials_travel_once": "UPDATE inventory_transferserial SET state = 'received'",
    "inventory.transfer_serials_within_lines": "UPDATE inventory_transferserial SET state = 'lost'",
    "inventory.held_equals_holds": "UPDATE inventory_stockhold SET released = 1",
    "inventory.shelves_within_on_hand": "UPDATE inventory_shelfstock SET quantity = 3",
    "inventory.shelves_equal_movements": "UPDATE inventory_shelfstock SET quantity = 1",
    "inventory.shelves_of_their_item": (
        "UPDATE inventory_shelfstock SET bin_id = (SELECT id FROM inventory_bin WHERE code = 'B-1')"
    ),
    "inventory.serials_within_on_hand": (
        "UPDATE inventory_stockitem SET on_hand = 1 WHERE id = (SELECT min(stock_item_id) FROM inventory_serialnumber)"
    ),
}


def test_all_hold_at_first(shelves):
    assert [finding.invariant.name for finding in verify() if not finding.holds] == []


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_breach_is_found_and_named(name, shelves):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(PLANTS[name])

    [finding] = verify(names=[name])

    assert finding.count == len(finding.breaches) == 1
    assert all(value is not None for value in finding.breaches[0].values())


def test_a_lot_of_another_variant_is_a_breach(shelves):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_lot SET variant_id = (SELECT max(id) FROM catalog_variant)")

    [finding] = verify(names=["inventory.shelves_of_their_item"])

    assert finding.count == 1
