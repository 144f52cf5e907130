"""Locking stock items, and the one statement that changes their counters together with the movements.

How a batch stays right beside others:
1. ``lock_items`` takes the rows in primary-key order (FOR NO KEY UPDATE: foreign-key checks need not wait), so two
   batches that share items queue instead of deadlocking; no other table of inventory needs a lock of its own.
2. What depends on the numbers is decided after that, from the locked values.
3. ``write`` runs one data-modifying statement: documents, counters and movements appear together or not at all. The
   balance after each movement is a running sum, because one item may occur several times in a batch.

The plain case of reserving has the same three steps inside the database (``inventory_reserve``, migration 0010).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from core.events import record_many
from inventory.events import StockRanLow, StockRanOut, StockReplenished
from inventory.models import StockItem
from staff.models import User

# Needs a CTE ``change(seq, stock_item_id, kind, on_hand_change, reserved_change, held_change, reservation_id, entry_id,
# hold_id)`` before it.
_APPLY = """
total AS (
    SELECT stock_item_id, sum(on_hand_change)::int AS on_hand, sum(reserved_change)::int AS reserved,
           sum(held_change)::int AS held
    FROM change GROUP BY stock_item_id
),
item AS (
    UPDATE inventory_stockitem AS s
    SET on_hand = s.on_hand + total.on_hand, reserved = s.reserved + total.reserved,
        held = s.held + total.held
    FROM total WHERE s.id = total.stock_item_id
    RETURNING s.id, s.variant_id, s.warehouse_id, s.low_at, s.on_hand, s.reserved, s.held,
              s.on_hand - total.on_hand AS on_hand_before, s.reserved - total.reserved AS reserved_before,
              s.held - total.held AS held_before
),
movement AS (
    INSERT INTO inventory_stockmovement
        (stock_item_id, kind, on_hand_change, reserved_change, held_change, on_hand_after, reserved_after, held_after,
         reservation_id, entry_id, hold_id)
    SELECT item.id, change.kind, change.on_hand_change, change.reserved_change, change.held_change,
           item.on_hand_before + sum(change.on_hand_change) OVER running,
           item.reserved_before + sum(change.reserved_change) OVER running,
           item.held_before + sum(change.held_change) OVER running,
           change.reservation_id, change.entry_id, change.hold_id
    FROM change JOIN item ON item.id = change.stock_item_id
    WINDOW running AS (PARTITION BY change.stock_item_id ORDER BY change.seq)
    ORDER BY change.seq
)
SELECT id, variant_id, warehouse_id, low_at, on_hand_before - reserved_before - held_before, on_hand - reserved - held
FROM item ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class ItemChange:
    """What could be promised of one stock item before and after a batch."""

    stock_item_id: int
    variant_id: int
    warehouse_id: int
    low_at: int
    before: int
    after: int


def lock_items(**lookups: Any) -> list[StockItem]:
    """Lock the stock items that match ``lookups`` in primary-key order until the transaction ends and return them."""
    return list(StockItem.objects.select_for_update(no_key=True, of=("self",)).filter(**lookups).order_by("pk"))


def write(change: str, parameters: Mapping[str, Any], *, actor: User | None) -> None:
    """Run one statement of ``change`` (CTEs, the last called ``change``) and the counters; record what it means."""
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {change}, {_APPLY}", parameters)
        changes = [ItemChange(*row) for row in cursor.fetchall()]
    record_facts(changes, actor=actor)


def record_facts(changes: Iterable[ItemChange], *, actor: User | None) -> None:
    """Record which items ran low, ran out or can be promised again; must run in the transaction that changed them."""
    facts = _facts(changes)
    if facts:
        record_many([(fact, fact.stock_item_id) for fact in facts], model=StockItem, actor=actor)


def _facts(changes: Iterable[ItemChange]) -> list[StockRanLow | StockRanOut | StockReplenished]:
    return [fact for change in changes if (fact := _fact(change)) is not None]


def _fact(change: ItemChange) -> StockRanLow | StockRanOut | StockReplenished | None:
    where = {
        "stock_item_id": change.stock_item_id,
        "variant_id": change.variant_id,
        "warehouse_id": change.warehouse_id,
        "available": change.after,
    }
    if change.after > change.before:
        return StockReplenished(**where, added=change.after - change.before)
    if change.after == 0 < change.before:
        return StockRanOut(**where)
    if change.after <= change.low_at < change.before and change.after:
        return StockRanLow(**where)
    return None
