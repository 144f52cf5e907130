"""What the database refuses, whoever asks."""

import pytest
from django.db import Error, IntegrityError, connection, transaction

from inventory.models import Reservation, StockEntry, StockItem, StockMovement
from inventory.services import Need, StockRequest, reserve_stock
from tests.factories import make_stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    item = make_stock(on_hand=5)
    reserve_stock(requests=[StockRequest(reference="x", needs=[Need(key="k", variant_id=item.variant_id, quantity=2)])])
    return item


@pytest.mark.parametrize(
    ("model", "change", "constraint"),
    [
        (StockItem, {"reserved": 6}, "inventory_stockitem_reserved_within_on_hand"),
        (StockItem, {"reserved": -1}, "inventory_stockitem_reserved_within_on_hand"),
        (StockItem, {"on_hand": 1}, "inventory_stockitem_reserved_within_on_hand"),
        (Reservation, {"quantity": 0}, "inventory_reservation_quantity_positive"),
        (Reservation, {"shipped": 1, "released": 2}, "inventory_reservation_not_exceeded"),
        (StockEntry, {"kind": "gift"}, "inventory_entry_kind_valid"),
        (StockEntry, {"kind": "adjustment", "reason": ""}, "inventory_entry_adjustment_has_reason"),
    ],
)
def test_rules_of_one_row(item, model, change, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.update(**change)


@pytest.mark.parametrize(
    ("over", "constraint"),
    [
        ({"entry_id": None}, "inventory_movement_one_cause"),
        ({"kind": "vanished"}, "inventory_movement_kind_valid"),
        ({"reserved_after": 4}, "inventory_movement_balance_valid"),
        ({"reserved_after": -1}, "inventory_movement_balance_valid"),
    ],
)
def test_rules_of_a_movement(item, over, constraint):
    entry = StockEntry.objects.get()
    row = {"stock_item": item, "kind": "counted", "entry_id": entry.pk, "on_hand_after": 3, "reserved_after": 0}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        StockMovement.objects.create(**{**row, **over})


def test_a_movement_has_not_two_causes(item):
    with pytest.raises(IntegrityError, match="inventory_movement_one_cause"), transaction.atomic():
        StockMovement.objects.create(
            stock_item=item,
            kind="counted",
            entry=StockEntry.objects.get(),
            reservation=Reservation.objects.get(),
            on_hand_after=3,
            reserved_after=0,
        )


@pytest.mark.parametrize(
    ("model", "row", "constraint"),
    [
        (StockItem, lambda i: {"variant_id": i.variant_id, "warehouse_id": i.warehouse_id}, "inventory_stockitem_once"),
        (Reservation, lambda i: {"stock_item": i, "key": "k", "quantity": 1}, "inventory_reservation_once"),
    ],
)
def test_what_is_there_once(item, model, row, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.create(**row(item))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inventory_stockmovement SET on_hand_after = 1",
        "DELETE FROM inventory_stockmovement",
        "TRUNCATE inventory_stockmovement CASCADE",
    ],
)
def test_movements_are_append_only(item, statement):
    refusal = pytest.raises(Error, match=r"Cannot update or delete|cannot be emptied|pending trigger")
    with refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert StockMovement.objects.count() == 2


def test_counters_change_without_touching_an_index():
    """HOT updates need room in the page and no index over the counters."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'inventory_stockitem'")
        assert cursor.fetchone()[0] == ["fillfactor=60"]
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'inventory_stockitem'")
        assert not [row for row in cursor.fetchall() if "on_hand" in row[0] or "reserved" in row[0]]
