"""Pieces are held back, freed again, or disposed of out of a hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from core.copying import draw_ids
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from core.sequences import document_number, next_numbers
from inventory.events import StockEntryPosted
from inventory.models import AdjustReason, Bin, EntryKind, HoldKind, StockEntry, StockHold, StockItem
from inventory.policies import can_adjust_stock, can_hold_stock
from inventory.selectors.shelves import racks_of
from inventory.services.entries import SERIES
from inventory.services.entry_lines import skus
from inventory.services.ledger import lock_items, write
from inventory.services.pieces.lots import lot_of
from inventory.services.pieces.serials import enter_serials_gone
from inventory.services.pieces.shelving import ShelfRow, apply_shelves
from staff.models import User

# a hold that is known by its key grows, any other is made
_HOLD = """
wanted AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(grows)s::boolean[], %(items)s::bigint[], %(kinds)s::text[],
                         %(quantities)s::int[], %(lots)s::bigint[], %(bins)s::bigint[], %(until)s::timestamptz[],
                         %(keys)s::text[], %(references)s::text[], %(notes)s::text[])
        WITH ORDINALITY
        AS t(hold_id, grows, stock_item_id, kind, quantity, lot_id, bin_id, until, key, reference, note, seq)
),
grown AS (
    UPDATE inventory_stockhold AS h SET quantity = h.quantity + wanted.quantity
    FROM wanted WHERE h.id = wanted.hold_id AND wanted.grows
),
hold AS (
    INSERT INTO inventory_stockhold
        (id, stock_item_id, kind, quantity, released, lot_id, bin_id, until, key, reference, note, created_by_id)
    SELECT hold_id, stock_item_id, kind, quantity, 0, lot_id, bin_id, until, key, reference, note, %(actor)s::bigint
    FROM wanted WHERE NOT grows ORDER BY seq
),
change AS (
    SELECT seq, stock_item_id, 'held' AS kind, 0 AS on_hand_change, 0 AS reserved_change, quantity AS held_change,
           NULL::bigint AS reservation_id, NULL::bigint AS entry_id, hold_id
    FROM wanted
)
"""
_FREED = """
wanted AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(quantities)s::int[]) WITH ORDINALITY AS t(id, quantity, seq)
),
hold AS (
    UPDATE inventory_stockhold AS h SET released = h.released + wanted.quantity
    FROM wanted WHERE h.id = wanted.id
    RETURNING h.id, h.stock_item_id, wanted.quantity, wanted.seq
),
change AS (
    SELECT 2 * seq AS seq, stock_item_id, 'freed' AS kind, 0 AS on_hand_change, 0 AS reserved_change,
           -quantity AS held_change, NULL::bigint AS reservation_id, NULL::bigint AS entry_id, id AS hold_id
    FROM hold{more}
)
"""
_RELEASE = _FREED.format(more="")
# freed and gone in one statement: nobody can take the pieces in between
_DISPOSE = _FREED.format(
    more="""
    UNION ALL
    SELECT 2 * seq + 1, stock_item_id, 'adjusted', -quantity, 0, 0, NULL, %(entry)s::bigint, NULL FROM hold"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldWish:
    """Pieces to hold back: of a stock item, perhaps of one lot or bin, perhaps only ``until`` a moment.

    ``key`` is the holder's, such as "exchange:17": what is held under it is not held twice.
    """

    stock_item_id: int
    kind: HoldKind
    quantity: int
    lot_id: int | None = None
    bin_id: int | None = None
    until: datetime | None = None
    key: str = ""
    reference: str = ""
    note: str = ""


@transaction.atomic
def hold_stock(*, wishes: Sequence[HoldWish], actor: User | None = None) -> list[StockHold]:
    """Hold the pieces of all wishes back, or of none, and return the holds in their order.

    A key that holds something already is answered with that hold; Conflict when it was for something else. InvalidInput
    for more pieces than are available (or lie there, with a lot or bin) and for a moment in the past; NotAllowed
    without the right to hold stock back.
    """
    _check_right(actor)
    if any(wish.quantity < 1 for wish in wishes):
        raise InvalidInput(_("Write how many pieces are to be held back, at least one."))
    items = {item.pk: item for item in lock_items(pk__in={wish.stock_item_id for wish in wishes})}
    before = _known_holds(wishes)
    new = [wish for wish in wishes if wish.key not in before]
    if any(wish.until is not None and wish.until <= timezone.now() for wish in new):
        raise InvalidInput(_("Choose a moment that is still to come."))
    _check_free(new, items)
    made = write_holds(new, actor)
    return [before[wish.key] if wish.key in before else made.pop(0) for wish in wishes]


def _check_right(actor: User | None) -> None:
    if actor is not None and not can_hold_stock(actor):
        raise NotAllowed(_("You may not hold stock back or free it. Ask somebody of the warehouse."))


def _known_holds(wishes: Sequence[HoldWish]) -> dict[str, StockHold]:
    keys = {wish.key: wish for wish in wishes if wish.key}
    found = {hold.key: hold for hold in StockHold.objects.filter(key__in=keys)} if keys else {}
    for key, hold in found.items():
        wish = keys[key]
        if (hold.stock_item_id, hold.kind, hold.quantity) != (wish.stock_item_id, wish.kind, wish.quantity):
            raise Conflict(_("Something else is held back for this already. Reload the page and try again."))
    return found


def _check_free(wishes: Sequence[HoldWish], items: Mapping[int, StockItem]) -> None:
    """Refuse more than is available, and more of a lot or bin than lies there without a hold."""
    free = {pk: item.available for pk, item in items.items()}
    placed = {wish.stock_item_id for wish in wishes if wish.lot_id is not None or wish.bin_id is not None}
    racks = racks_of(stock_item_ids=placed) if placed else {}
    for wish in wishes:
        item = items[wish.stock_item_id]
        free[item.pk] -= wish.quantity
        if free[item.pk] < 0:
            raise InvalidInput(
                _("Only %(count)s pieces of %(sku)s are available; reserved pieces cannot be held back.")
                % {"count": free[item.pk] + wish.quantity, "sku": skus({item.variant_id})}
            )
        if item.pk in placed:
            _check_place(wish, item)
            taken = racks[item.pk].take_named(wish.quantity, wish.lot_id, wish.bin_id)
            if (wish.lot_id, wish.bin_id) != (None, None) and taken is None:
                raise InvalidInput(_("So many pieces that are not held back do not lie there. Look at the shelves."))


def _check_place(wish: HoldWish, item: StockItem) -> None:
    if wish.lot_id is not None:
        lot_of(item.variant_id, wish.lot_id)
    if wish.bin_id is not None and not Bin.objects.filter(pk=wish.bin_id, warehouse_id=item.warehouse_id).exists():
        raise InvalidInput(_("This bin stands in another warehouse. Choose one of this warehouse."))


def write_holds(
    wishes: Sequence[HoldWish], actor: User | None, grows: Mapping[str, int] | None = None
) -> list[StockHold]:
    """Write holds that were decided on under the items' locks; ``grows`` (key: hold id) are made larger instead."""
    if not wishes:
        return []
    known = [(grows or {}).get(wish.key) for wish in wishes]
    new = iter(draw_ids(StockHold, known.count(None)))
    ids = [pk or next(new) for pk in known]
    write(
        _HOLD,
        {
            "ids": ids,
            "grows": [pk is not None for pk in known],
            "items": [wish.stock_item_id for wish in wishes],
            "kinds": [str(wish.kind) for wish in wishes],
            "quantities": [wish.quantity for wish in wishes],
            "lots": [wish.lot_id for wish in wishes],
            "bins": [wish.bin_id for wish in wishes],
            "until": [wish.until for wish in wishes],
            "keys": [wish.key for wish in wishes],
            "references": [wish.reference for wish in wishes],
            "notes": [wish.note for wish in wishes],
            "actor": actor.pk if actor else None,
        },
        actor=actor,
    )
    holds = StockHold.objects.in_bulk(ids)
    return [holds[pk] for pk in ids]


def release_hold(*, hold_id: int, quantity: int | None = None, actor: User | None = None) -> StockHold:
    """Free pieces of a hold (without a quantity all that it keeps) and return it.

    A hold that keeps nothing any more is answered as it is, so that a second press does no harm. InvalidInput for more
    than it keeps, and for an expiry hold, which follows its lot; NotAllowed without the right to hold stock back.
    """
    _check_right(actor)
    with transaction.atomic():
        hold = _locked(hold_id)
        if hold.kind == HoldKind.EXPIRY and hold.held:
            raise InvalidInput(
                _("These pieces are held because their lot ends soon. Correct the lot or the days before its expiry.")
            )
        free_holds({hold.pk: hold.held if quantity is None else _within(hold, quantity)}, actor)
        hold.refresh_from_db()
    return hold


def _locked(hold_id: int) -> StockHold:
    """Return the hold as it is under the lock of its stock item, by which alone it changes."""
    lock_items(pk__in=StockHold.objects.filter(pk=hold_id).values("stock_item_id"))
    return StockHold.objects.select_related("stock_item").get(pk=hold_id)


def _within(hold: StockHold, quantity: int) -> int:
    if not 0 < quantity <= hold.held:
        raise InvalidInput(_("This hold keeps %(count)s pieces. Write at most so many.") % {"count": hold.held})
    return quantity


def free_holds(quantities: Mapping[int, int], actor: User | None) -> None:
    """Free so many pieces of each hold (id: pieces); the stock items are locked."""
    wanted = {pk: quantity for pk, quantity in quantities.items() if quantity}
    if wanted:
        write(_RELEASE, {"ids": list(wanted), "quantities": list(wanted.values())}, actor=actor)


@transaction.atomic
def release_held_for(*, key: str, actor: User | None = None) -> int:
    """Free what is held under a holder's key and return how many pieces; the holder decides who may."""
    holds = StockHold.objects.filter(key=key)
    lock_items(pk__in=holds.values("stock_item_id"))
    kept = {hold.pk: hold.held for hold in holds}
    free_holds(kept, actor)
    return sum(kept.values())


@transaction.atomic
def release_ended_holds(*, now: datetime | None = None, limit: int = 1000) -> int:
    """Free holds whose time is over and return how many; a second run finds none."""
    ended = StockHold.objects.filter(until__lte=now or timezone.now(), quantity__gt=F("released"))
    ids = list(ended.order_by("until", "pk").values_list("pk", flat=True)[:limit])
    lock_items(pk__in=StockHold.objects.filter(pk__in=ids).values("stock_item_id"))
    kept = {hold.pk: hold.held for hold in StockHold.objects.filter(pk__in=ids).order_by("pk") if hold.held}
    free_holds(kept, None)
    return len(kept)


@transaction.atomic
def dispose_held(
    *,
    hold_id: int,
    reason_code: str = AdjustReason.DISPOSED,
    note: str,
    quantity: int | None = None,
    serials: tuple[str, ...] = (),
    actor: User | None = None,
) -> StockEntry:
    """Take pieces of a hold (without a quantity all) out of stock for good and return the entry.

    They are freed and adjusted away in one statement, so that nobody can take them in between; they leave the shelf
    that the hold names. InvalidInput for more than it keeps, an unknown cause or no note; NotAllowed without the right
    to adjust stock.
    """
    if actor is not None and not can_adjust_stock(actor):
        raise NotAllowed(_("You may not change stock. Ask somebody of the warehouse."))
    if reason_code not in AdjustReason.values or not note.strip():
        raise InvalidInput(_("Say why the stock is adjusted."))
    hold = _locked(hold_id)
    pieces = _within(hold, hold.held if quantity is None else quantity)
    rack = racks_of(stock_item_ids=[hold.stock_item_id])[hold.stock_item_id]
    [value] = next_numbers(series=SERIES)
    entry = StockEntry.objects.create(
        number=document_number("E", value), kind=EntryKind.ADJUSTMENT, reason=note, reason_code=reason_code,
        reference=hold.reference, created_by=actor,
    )  # fmt: skip
    write(_DISPOSE, {"ids": [hold.pk], "quantities": [pieces], "entry": entry.pk}, actor=actor)
    named = rack.take_named(pieces, hold.lot_id, hold.bin_id, kept_too=True) if hold.lot_id or hold.bin_id else None
    drawn = rack.shrink(pieces) if named is None else named
    movement_id = entry.movements.values_list("pk", flat=True).get()
    apply_shelves([ShelfRow(shelf_id, -count, movement_id) for shelf_id, count in drawn], actor)
    enter_serials_gone(entry=entry, item=hold.stock_item, pieces=pieces, serials=serials, actor=actor)
    record(StockEntryPosted(entry_id=entry.pk, kind=entry.kind, item_count=1), subject=entry, actor=actor)
    return entry
