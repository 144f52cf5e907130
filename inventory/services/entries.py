"""Counts, receipts, returns and adjustments: stock that changes other than for a reservation."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import NotAllowed
from core.events import record
from core.sequences import document_number, next_numbers
from inventory.events import StockEntryPosted
from inventory.models import AdjustReason, EntryKind, StockEntry, StockItem, StockMovement
from inventory.policies import can_adjust_stock
from inventory.services.entry_lines import (
    ENTRY_MOVEMENTS,
    EntryCause,
    EntryLine,
    check_lines,
    entry_changes,
    locked_items,
)
from inventory.services.ledger import write
from inventory.services.pieces.lots import entry_lots
from inventory.services.pieces.serials import enter_serials
from inventory.services.pieces.shelving import ShelfChange, enter_shelves
from staff.models import User

SERIES = "inventory.entry"
_K = EntryKind
# What arrives into a hold is counted and held in one statement: nobody can buy it in between. A line's own change has
# an even place in the order, the hold's the odd one after it.
_POST = """
wanted AS MATERIALIZED (
    SELECT t.*, CASE WHEN t.hold_kind <> '' THEN nextval(pg_get_serial_sequence('inventory_stockhold', 'id')) END
           AS hold_id
    FROM unnest(%(items)s::bigint[], %(changes)s::int[], %(hold_kinds)s::text[], %(lots)s::bigint[], %(bins)s::bigint[])
        WITH ORDINALITY AS t(stock_item_id, pieces, hold_kind, lot_id, bin_id, seq)
),
hold AS (
    INSERT INTO inventory_stockhold
        (id, stock_item_id, kind, quantity, released, lot_id, bin_id, key, reference, note, created_by_id)
    SELECT hold_id, stock_item_id, hold_kind, pieces, 0, lot_id, bin_id, '', %(reference)s, %(note)s, %(actor)s::bigint
    FROM wanted WHERE hold_id IS NOT NULL ORDER BY seq
),
change AS (
    SELECT 2 * seq AS seq, stock_item_id, %(kind)s::text AS kind, pieces AS on_hand_change, 0 AS reserved_change,
           0 AS held_change, NULL::bigint AS reservation_id, %(entry)s::bigint AS entry_id, NULL::bigint AS hold_id
    FROM wanted
    UNION ALL
    SELECT 2 * seq + 1, stock_item_id, 'held', 0, 0, pieces, NULL, NULL, hold_id
    FROM wanted WHERE hold_id IS NOT NULL
)
"""


def post_entry(
    *,
    kind: EntryKind,
    lines: Sequence[EntryLine],
    reason: str = "",
    reason_code: str = "",
    reference: str = "",
    key: str = "",
    actor: User | None = None,
) -> StockEntry:
    """Change the stock of many items by one document and return it; stock items are made on first use.

    A count states what is there: the difference is found under the lock, so sales meanwhile do no harm.
    The same ``key`` answers with the same document. NotAllowed without the right to adjust stock; InvalidInput for an
    opening count of an item with history, an item counted twice, less than is reserved or held, an adjustment without
    reason, a receipt without the lot or the serial numbers that the variant's stock policy asks for.
    """
    if actor is not None and not can_adjust_stock(actor):
        raise NotAllowed(_("You may not change stock. Ask somebody of the warehouse."))

    def run() -> int:
        return post_document(
            kind=kind, lines=lines, reason=reason, reason_code=reason_code, reference=reference, actor=actor
        ).pk

    if not key:
        return StockEntry.objects.get(pk=run())
    parameters: dict[str, Any] = {
        "kind": kind, "lines": [_said(line) for line in lines], "reason": reason, "reference": reference,
    }  # fmt: skip
    if reason_code:
        parameters["reason_code"] = reason_code
    return StockEntry.objects.get(pk=once(key=f"inventory.entry:{key}", parameters=parameters, run=run))


def _said(line: EntryLine) -> Mapping[str, Any]:
    """Return what a line says; what it leaves open is left out, so that keys of older releases still match."""
    return {name: value for name, value in asdict(line).items() if name in _ALWAYS or value not in (None, "", ())}


_ALWAYS = frozenset({"variant_id", "warehouse_id", "quantity"})


def take_back_stock(
    *, lines: Sequence[EntryLine], reason: str, reference: str, actor: User | None = None
) -> StockEntry:
    """Put returned pieces back on the shelf; whether the actor may is decided by the document they came back with."""
    return post_document(kind=_K.RETURN, lines=lines, reason=reason, reference=reference, actor=actor)


def write_off_stock(
    *,
    lines: Sequence[EntryLine],
    reason: str,
    reason_code: str = AdjustReason.OTHER,
    reference: str = "",
    actor: User | None = None,
) -> StockEntry:
    """Take pieces off the shelf for good (lines count up from 1); the document that caused it decides who may."""
    lost = [replace(line, quantity=-line.quantity) for line in lines]
    return post_document(
        kind=_K.ADJUSTMENT, lines=lost, reason=reason, reason_code=reason_code, reference=reference, actor=actor
    )


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def post_document(
    *,
    kind: EntryKind,
    lines: Sequence[EntryLine],
    reason: str = "",
    reason_code: str = "",
    reference: str = "",
    cause: EntryCause | None = None,
    actor: User | None = None,
) -> StockEntry:
    """Post an entry for a document of any app, which decides who may; refuses what ``post_entry`` refuses.

    Lines of ``transfer_out`` and ``sent_back`` count up from 1, the pieces leave; those of an assembly have a sign.
    1. Stock items are locked in primary-key order; lots, shelves and serial numbers change under those locks only.
    2. One statement writes counters, movements and the holds that arriving pieces go into.
    3. Shelves and serial numbers follow, each with the movement of its line.
    """
    cause = cause or EntryCause()
    check_lines(kind, lines, reason, reason_code)
    items = locked_items(lines)
    lots = entry_lots(kind, lines)
    changes = entry_changes(kind, lines, lots, items)
    [value] = next_numbers(series=SERIES)
    entry = StockEntry.objects.create(
        number=document_number("E", value), kind=kind, reason=reason, reason_code=reason_code, reference=reference,
        created_by=actor, **asdict(cause),
    )  # fmt: skip
    by_line = [items[line.variant_id, line.warehouse_id] for line in lines]
    write(
        _POST,
        {
            "kind": ENTRY_MOVEMENTS[kind].value,
            "entry": entry.pk,
            "items": [item.pk for item in by_line],
            "changes": changes,
            "hold_kinds": [line.hold_kind for line in lines],
            "lots": lots,
            "bins": [line.bin_id for line in lines],
            "reference": reference or entry.number,
            "note": reason,
            "actor": actor.pk if actor else None,
        },
        actor=actor,
    )
    _follow(entry, lines, by_line, lots, changes, actor)
    record(StockEntryPosted(entry_id=entry.pk, kind=kind, item_count=len(items)), subject=entry, actor=actor)
    return entry


def _follow(
    entry: StockEntry,
    lines: Sequence[EntryLine],
    items: Sequence[StockItem],
    lots: Sequence[int | None],
    changes: Sequence[int],
    actor: User | None,
) -> None:
    """Let shelves and serial numbers follow the counters."""
    movements = list(StockMovement.objects.filter(entry=entry).order_by("pk").values_list("pk", flat=True))
    kind = EntryKind(entry.kind)
    enter_shelves(
        changes=[
            ShelfChange(item.pk, change, movement, lot, line.bin_id)
            for line, item, lot, change, movement in zip(lines, items, lots, changes, movements, strict=True)
        ],
        is_picked=kind in {_K.TRANSFER_OUT, _K.ASSEMBLY, _K.SENT_BACK},
        actor=actor,
    )
    enter_serials(entry=entry, lines=lines, items=items, lots=lots, changes=changes, actor=actor)
