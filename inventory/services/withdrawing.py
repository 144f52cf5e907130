"""Pieces leave for another reason than a sale, those for sale and those in holds by one document."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.events import record
from core.sequences import document_number, next_numbers
from inventory.events import StockEntryPosted
from inventory.models import EntryKind, StockEntry, StockHold, StockItem
from inventory.selectors.shelves import Drawn, Rack, racks_of
from inventory.services.entries import SERIES
from inventory.services.entry_lines import ENTRY_MOVEMENTS, skus
from inventory.services.ledger import lock_items, write
from inventory.services.pieces.serials import enter_serials_gone
from inventory.services.pieces.shelving import ShelfRow, apply_shelves
from staff.models import User

# freed and gone in one statement: nobody can take the pieces in between
_WITHDRAW = """
wanted AS MATERIALIZED (
    SELECT * FROM unnest(%(items)s::bigint[], %(quantities)s::int[], %(holds)s::bigint[])
        WITH ORDINALITY AS t(stock_item_id, quantity, hold_id, seq)
),
hold AS (
    UPDATE inventory_stockhold AS h SET released = h.released + w.quantity
    FROM (SELECT hold_id, sum(quantity)::int AS quantity FROM wanted WHERE hold_id IS NOT NULL GROUP BY hold_id) AS w
    WHERE h.id = w.hold_id
),
change AS (
    SELECT 2 * seq AS seq, stock_item_id, 'freed' AS kind, 0 AS on_hand_change, 0 AS reserved_change,
           -quantity AS held_change, NULL::bigint AS reservation_id, NULL::bigint AS entry_id, hold_id
    FROM wanted WHERE hold_id IS NOT NULL
    UNION ALL
    SELECT 2 * seq + 1, stock_item_id, %(kind)s::text, -quantity, 0, 0, NULL, %(entry)s::bigint, NULL FROM wanted
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingLine:
    """Pieces of a variant that leave a warehouse: out of a hold, of a lot, or whatever is for sale."""

    variant_id: int
    warehouse_id: int
    quantity: int
    hold_id: int | None = None
    lot_id: int | None = None
    serials: tuple[str, ...] = ()


@transaction.atomic
def withdraw_stock(
    *,
    kind: EntryKind,
    lines: Sequence[LeavingLine],
    reason: str,
    reason_code: str = "",
    reference: str = "",
    actor: User | None = None,
) -> StockEntry:
    """Take the pieces of all lines out of stock by one entry (sent back, or adjusted) and return it.

    The document that causes it decides who may. Pieces of a hold leave the shelf that it names, others the lot they
    name or the first to expire. InvalidInput for more than a hold keeps, than is for sale, or than lies there.
    """
    if not lines or any(line.quantity < 1 for line in lines):
        raise InvalidInput(_("Write how many pieces leave, at least one."))
    places = {(line.variant_id, line.warehouse_id) for line in lines}
    found = lock_items(variant_id__in={v for v, _w in places}, warehouse_id__in={w for _v, w in places})
    items = {(item.variant_id, item.warehouse_id): item for item in found}
    holds = StockHold.objects.in_bulk([line.hold_id for line in lines if line.hold_id is not None])
    # what is for sale first: a shelf's free pieces are counted without what its holds keep
    ordered = sorted(lines, key=lambda line: line.hold_id is not None)
    _check(ordered, items, holds)
    racks = racks_of(stock_item_ids=[item.pk for item in items.values()])
    drawn = [_drawn(racks[items[line.variant_id, line.warehouse_id].pk], line, holds) for line in ordered]
    [value] = next_numbers(series=SERIES)
    entry = StockEntry.objects.create(
        number=document_number("E", value), kind=kind, reason=reason, reason_code=reason_code, reference=reference,
        created_by=actor,
    )  # fmt: skip
    by_line = [items[line.variant_id, line.warehouse_id] for line in ordered]
    write(
        _WITHDRAW,
        {
            "kind": ENTRY_MOVEMENTS[kind].value,
            "entry": entry.pk,
            "items": [item.pk for item in by_line],
            "quantities": [line.quantity for line in ordered],
            "holds": [line.hold_id for line in ordered],
        },
        actor=actor,
    )
    _follow(entry, ordered, by_line, drawn, actor)
    record(StockEntryPosted(entry_id=entry.pk, kind=kind, item_count=len(places)), subject=entry, actor=actor)
    return entry


def _check(
    lines: Sequence[LeavingLine], items: Mapping[tuple[int, int], StockItem], holds: Mapping[int, StockHold]
) -> None:
    free: dict[int, int] = {item.pk: item.available for item in items.values()}
    kept = {pk: hold.held for pk, hold in holds.items()}
    for line in lines:
        item = items.get((line.variant_id, line.warehouse_id))
        if item is None:
            raise InvalidInput(_("Nothing of this lies there: %(skus)s") % {"skus": skus({line.variant_id})})
        if line.hold_id is None:
            free[item.pk] -= line.quantity
            if free[item.pk] < 0:
                raise InvalidInput(
                    _("Only %(count)s pieces of %(sku)s are for sale; free or cancel what is reserved first.")
                    % {"count": free[item.pk] + line.quantity, "sku": skus({line.variant_id})}
                )
            continue
        hold = holds.get(line.hold_id)
        if hold is None or hold.stock_item_id != item.pk:
            raise InvalidInput(_("This hold is of another product or warehouse. Reload the page."))
        kept[hold.pk] -= line.quantity
        if kept[hold.pk] < 0:
            raise InvalidInput(_("This hold keeps %(count)s pieces. Write at most so many.") % {"count": hold.held})


def _drawn(rack: Rack, line: LeavingLine, holds: Mapping[int, StockHold]) -> Drawn:
    if line.hold_id is not None:
        hold = holds[line.hold_id]
        named = None
        if hold.lot_id is not None or hold.bin_id is not None:
            named = rack.take_named(line.quantity, hold.lot_id, hold.bin_id, kept_too=True)
        return rack.shrink(line.quantity) if named is None else named
    if line.lot_id is None:
        return rack.take(line.quantity)
    found = rack.take_named(line.quantity, line.lot_id, None)
    if found is None:
        raise InvalidInput(_("So many pieces of this lot are not for sale. Look at its shelves and holds."))
    return found


def _follow(
    entry: StockEntry,
    lines: Sequence[LeavingLine],
    items: Sequence[StockItem],
    drawn: Sequence[Drawn],
    actor: User | None,
) -> None:
    """Let shelves and serial numbers follow the counters."""
    movements = entry.movements.order_by("pk").values_list("pk", flat=True)
    rows = [
        ShelfRow(shelf_id, -pieces, movement)
        for movement, shelves in zip(movements, drawn, strict=True)
        for shelf_id, pieces in shelves
    ]
    apply_shelves(rows, actor)
    serials: dict[int, list[str]] = defaultdict(list)
    pieces_of: dict[int, int] = defaultdict(int)
    for line, item in zip(lines, items, strict=True):
        serials[item.pk] += line.serials
        pieces_of[item.pk] += line.quantity
    for item in {item.pk: item for item in items}.values():
        enter_serials_gone(entry=entry, item=item, pieces=pieces_of[item.pk], serials=serials[item.pk], actor=actor)
