"""Shelves follow the counters: what arrives is put down, what leaves is drawn, what lies somewhere is moved.

A shelf changes only under the lock of its stock item, which every caller of this module holds or takes.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput
from core.events import record_many
from inventory.events import LotChosen
from inventory.models import Lot, MovementKind, Reservation, ShelfStock, StockItem, StockMovement
from inventory.selectors.shelves import Rack, racks_of
from inventory.services.entry_lines import skus
from staff.models import User

# ``change``: shelf, pieces, the stock movement that caused it or nothing; the balance is a running sum.
_APPLY = """
WITH change AS (
    SELECT * FROM unnest(%(shelves)s::bigint[], %(changes)s::int[], %(movements)s::bigint[])
        WITH ORDINALITY AS t(shelf_id, pieces, movement_id, seq)
),
total AS (SELECT shelf_id, sum(pieces)::int AS pieces FROM change GROUP BY shelf_id),
shelf AS (
    UPDATE inventory_shelfstock AS s SET quantity = s.quantity + total.pieces
    FROM total WHERE s.id = total.shelf_id
    RETURNING s.id, s.quantity - total.pieces AS before
)
INSERT INTO inventory_shelfmovement (shelf_id, change, after, movement_id, moved_by_id)
SELECT shelf.id, change.pieces, shelf.before + sum(change.pieces) OVER (PARTITION BY shelf.id ORDER BY change.seq),
       change.movement_id, %(actor)s::bigint
FROM change JOIN shelf ON shelf.id = change.shelf_id ORDER BY change.seq
"""


@dataclass(frozen=True, slots=True)
class ShelfChange:
    """Pieces of a stock item that came (+) or left (-) by a movement; lot and bin where they are named."""

    stock_item_id: int
    pieces: int
    movement_id: int
    lot_id: int | None = None
    bin_id: int | None = None


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """One change of one shelf, by a stock movement or by hand."""

    shelf_id: int
    pieces: int
    movement_id: int | None = None


def enter_shelves(*, changes: Sequence[ShelfChange], is_picked: bool, actor: User | None) -> None:
    """Follow the movements of an entry; the stock items are locked and their counters written.

    What arrives with a lot or a bin is put down there. What leaves from a named lot or bin is drawn there: InvalidInput
    when less lies there for sale. Otherwise unplaced pieces go first, or, ``is_picked``, the first to expire.
    """
    ids = {change.stock_item_id for change in changes}
    arriving = [c for c in changes if c.pieces > 0 and (c.lot_id is not None or c.bin_id is not None)]
    leaving = [c for c in changes if c.pieces < 0]
    if not arriving and not (leaving and ShelfStock.objects.filter(stock_item__in=ids, quantity__gt=0).exists()):
        _refuse_nowhere(leaving)
        return
    shelves = shelves_for([(c.stock_item_id, c.lot_id, c.bin_id) for c in arriving])
    apply_shelves(
        [ShelfRow(shelves[c.stock_item_id, c.lot_id, c.bin_id], c.pieces, c.movement_id) for c in arriving], actor
    )
    racks = racks_of(stock_item_ids={c.stock_item_id for c in leaving}, leaving=_sums(leaving))
    rows: list[ShelfRow] = []
    for change in leaving:
        rack = racks[change.stock_item_id]
        if change.lot_id is not None or change.bin_id is not None:
            drawn = rack.take_named(-change.pieces, change.lot_id, change.bin_id)
            if drawn is None:
                _refuse(change.stock_item_id)
        else:
            drawn = rack.take(-change.pieces) if is_picked else rack.shrink(-change.pieces)
        rows += [ShelfRow(shelf_id, -pieces, change.movement_id) for shelf_id, pieces in drawn or ()]
    apply_shelves(rows, actor)


def _sums(leaving: Sequence[ShelfChange]) -> dict[int, int]:
    sums: dict[int, int] = defaultdict(int)
    for change in leaving:
        sums[change.stock_item_id] -= change.pieces
    return sums


def _refuse_nowhere(leaving: Sequence[ShelfChange]) -> None:
    for change in leaving:
        if change.lot_id is not None or change.bin_id is not None:
            _refuse(change.stock_item_id)


def _refuse(stock_item_id: int) -> None:
    item = StockItem.objects.get(pk=stock_item_id)
    raise InvalidInput(
        _("So many pieces do not lie there for sale; look at the shelves and holds of %(sku)s.")
        % {"sku": skus({item.variant_id})}
    )


@dataclass(frozen=True, slots=True)
class LotWanted:
    """The lot that somebody chose for a reservation, and why not the first to expire."""

    lot_id: int
    reason: str = ""


def draw_shelves(
    *,
    shipped: Mapping[int, int],
    items: Mapping[int, int],
    lots: Mapping[int, LotWanted],
    numbered: Mapping[int, Mapping[int, int]] | None = None,
    actor: User | None = None,
) -> None:
    """Take the pieces that ``ship_stock`` has just written (reservation id: pieces) from the shelves.

    ``items`` is reservation id: stock item id; ``numbered`` is reservation id: lot id: pieces, as serial numbers say.

    First the lot that is the first to expire and not blocked, within it the bin walked to first, then unplaced pieces.
    A lot that somebody chose (``lots``, by reservation) is taken instead, and the lot tells why. Pieces that a hold
    keeps stay. Conflict when a chosen lot has too few or is blocked, or when nothing is left but expired lots: those
    are never shipped; InvalidInput when a chosen lot passes over one that ends earlier without a reason.
    """
    if not shipped:
        return
    leaving: dict[int, int] = defaultdict(int)
    for reservation_id, pieces in shipped.items():
        leaving[items[reservation_id]] += pieces
    racks = racks_of(stock_item_ids=leaving, leaving=leaving)
    movements = _movements_of(shipped)
    rows_to_write: list[ShelfRow] = []
    chosen: list[tuple[LotChosen, int]] = []
    # who chose a lot first: what is left of it is for those that take any
    for reservation_id, pieces in sorted(shipped.items(), key=lambda part: part[0] not in lots):
        rack, wanted = racks[items[reservation_id]], lots.get(reservation_id)
        if wanted is None:
            drawn = rack.take_of_lots(pieces, (numbered or {}).get(reservation_id, {}))
        else:
            chosen += _chosen(rack, wanted, pieces, reservation_id)
            drawn = rack.take_named(pieces, wanted.lot_id, None)
        if drawn is None:
            raise _cannot_leave(rack.stock_item_id)
        rows_to_write += [ShelfRow(shelf_id, -count, movements[reservation_id]) for shelf_id, count in drawn]
    apply_shelves(rows_to_write, actor)
    record_many(chosen, model=Lot, actor=actor)


def _chosen(rack: Rack, wanted: LotWanted, pieces: int, reservation_id: int) -> list[tuple[LotChosen, int]]:
    """Refuse a blocked lot, and one without a reason that is not the first to expire; return what there is to tell."""
    if rack.is_lot_blocked(wanted.lot_id):
        raise Conflict(_("This lot ends too soon to be sold. Choose another one."))
    skipped = rack.skipped_for(wanted.lot_id)
    if skipped is None:
        return []
    numbers = dict(Lot.objects.filter(pk__in=[skipped, wanted.lot_id]).values_list("pk", "number"))
    if not wanted.reason.strip():
        raise InvalidInput(_("Lot %(lot)s ends earlier. Say why it is passed over.") % {"lot": numbers[skipped]})
    fact = LotChosen(
        lot_id=wanted.lot_id,
        number=numbers[wanted.lot_id],
        skipped=numbers[skipped],
        pieces=pieces,
        document=str(Reservation.objects.get(pk=reservation_id)),
        reason=wanted.reason.strip(),
    )
    return [(fact, wanted.lot_id)]


def _cannot_leave(stock_item_id: int) -> Conflict:
    item = StockItem.objects.get(pk=stock_item_id)
    return Conflict(
        _("What is left of %(sku)s has expired or is not enough of that lot. Choose another lot or dispose of it.")
        % {"sku": skus({item.variant_id})}
    )


def _movements_of(shipped: Mapping[int, int]) -> dict[int, int]:
    """Return the newest shipping movement of each reservation: the one written just now, under the item's lock."""
    newest = StockMovement.objects.filter(reservation__in=shipped, kind=MovementKind.SHIPPED)
    return dict(newest.order_by("pk").values_list("reservation", "pk"))


def shelves_for(places: Sequence[tuple[int, int | None, int | None]]) -> dict[tuple[int, int | None, int | None], int]:
    """Return the shelf of each (stock item, lot, bin), made where it is missing; the stock items are locked."""
    if not places:
        return {}
    new = [ShelfStock(stock_item_id=item, lot_id=lot, bin_id=bin_id) for item, lot, bin_id in dict.fromkeys(places)]
    ShelfStock.objects.bulk_create(new, ignore_conflicts=True)
    found = ShelfStock.objects.filter(stock_item__in={item for item, _lot, _bin in places})
    by_place = {(shelf.stock_item_id, shelf.lot_id, shelf.bin_id): shelf.pk for shelf in found}
    return {place: by_place[place] for place in places}


def apply_shelves(rows: Sequence[ShelfRow], actor: User | None) -> None:
    """Write shelves and their movements in one statement."""
    if not rows:
        return
    parameters: dict[str, Any] = {
        "shelves": [row.shelf_id for row in rows],
        "changes": [row.pieces for row in rows],
        "movements": [row.movement_id for row in rows],
        "actor": actor.pk if actor else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_APPLY, parameters)
