"""What the lines of a stock entry say, and what stock allows of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from catalog.models import Variant
from core.errors import InvalidInput
from inventory.models import AdjustReason, Bin, EntryKind, HoldKind, MovementKind, ShelfStock, StockItem, StockMovement
from inventory.services.ledger import lock_items

MOST_PIECES = 100_000_000
_K = EntryKind
ENTRY_MOVEMENTS: Mapping[EntryKind, MovementKind] = {
    _K.OPENING: MovementKind.COUNTED,
    _K.RECEIPT: MovementKind.RECEIVED,
    _K.ADJUSTMENT: MovementKind.ADJUSTED,
    _K.COUNT: MovementKind.COUNTED,
    _K.RETURN: MovementKind.RETURNED,
    _K.TRANSFER_OUT: MovementKind.MOVED_OUT,
    _K.TRANSFER_IN: MovementKind.MOVED_IN,
    _K.ASSEMBLY: MovementKind.ASSEMBLED,
    _K.SENT_BACK: MovementKind.SENT_BACK,
}
_LEAVING = frozenset({_K.TRANSFER_OUT, _K.SENT_BACK})
_STATING = frozenset({_K.OPENING, _K.COUNT})
_UNSIGNED = frozenset({_K.RECEIPT, _K.RETURN, _K.TRANSFER_IN, _K.TRANSFER_OUT, _K.SENT_BACK})


@dataclass(frozen=True, slots=True, kw_only=True)
class LotGiven:
    """A lot as it is written on the box; a new number makes a new lot."""

    number: str
    expires_on: date | None = None
    made_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """Pieces of a variant in a warehouse: how many are there (count, opening), came (receipt, return), differ (±).

    ``lot`` (or a known lot's ``lot_id``) and ``bin_id`` name the shelf: a count then states what lies there.
    ``hold_kind``: arriving pieces are held back from the first moment on. ``serials``: the numbers of the pieces.
    """

    variant_id: int
    warehouse_id: int
    quantity: int
    hold_kind: str = ""
    lot: LotGiven | None = None
    lot_id: int | None = None
    bin_id: int | None = None
    serials: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[object, ...]:
        """What the line speaks of: no count may speak of the same twice."""
        lot = self.lot.number if self.lot else self.lot_id
        return self.variant_id, self.warehouse_id, lot, self.bin_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryCause:
    """The document of this app that an entry belongs to; at most one."""

    transfer_id: int | None = None
    stocktake_id: int | None = None
    assembly_id: int | None = None


def check_lines(kind: EntryKind, lines: Sequence[EntryLine], reason: str, reason_code: str) -> None:
    """Refuse (InvalidInput) what is wrong whatever the stock is."""
    if not lines:
        raise InvalidInput(_("There is nothing to enter. Give at least one line."))
    if kind == _K.ADJUSTMENT and not reason.strip():
        raise InvalidInput(_("Say why the stock is adjusted."))
    if reason_code and reason_code not in AdjustReason.values:
        raise InvalidInput(_("This cause is not known. Choose one of the list."))
    if kind in _STATING and not _speaks_once(lines):
        raise InvalidInput(_("An item occurs twice. Add its pieces up and enter it once."))
    allowed = _allowed(kind)
    if not all(allowed(line.quantity) and abs(line.quantity) < MOST_PIECES for line in lines):
        raise InvalidInput(_("A quantity cannot be used. Write how many pieces, as a whole number."))
    _check_holds(kind, lines)
    _check_bins(lines)


def _speaks_once(lines: Sequence[EntryLine]) -> bool:
    """Tell whether no item is counted twice, neither a shelf nor an item beside one of its shelves."""
    whole = {line.place[:2] for line in lines if line.place[2:] == (None, None)}
    parts = {line.place[:2] for line in lines if line.place[2:] != (None, None)}
    return len({line.place for line in lines}) == len(lines) and not whole & parts


def _allowed(kind: EntryKind) -> Callable[[int], bool]:
    if kind in _STATING:
        return lambda quantity: quantity >= 0
    if kind in _UNSIGNED:
        return lambda quantity: quantity > 0
    return lambda quantity: quantity != 0


def _check_holds(kind: EntryKind, lines: Sequence[EntryLine]) -> None:
    held = [line for line in lines if line.hold_kind]
    if any(line.hold_kind not in HoldKind.values for line in held):
        raise InvalidInput(_("This kind of hold is not known. Choose one of the list."))
    if held and (kind in _LEAVING | _STATING or any(line.quantity < 0 for line in held)):
        raise InvalidInput(_("Only pieces that arrive can go straight into a hold."))


def _check_bins(lines: Sequence[EntryLine]) -> None:
    wanted = {line.bin_id: line.warehouse_id for line in lines if line.bin_id is not None}
    if not wanted:
        return
    where = dict(Bin.objects.filter(pk__in=wanted).values_list("pk", "warehouse_id"))
    if any(where.get(line.bin_id) != line.warehouse_id for line in lines if line.bin_id is not None):
        raise InvalidInput(_("This bin stands in another warehouse. Choose one of this warehouse."))


def locked_items(lines: Sequence[EntryLine]) -> dict[tuple[int, int], StockItem]:
    """Return the locked stock items by (variant, warehouse), made where they are missing."""
    wanted = {(line.variant_id, line.warehouse_id) for line in lines}
    places = {
        "variant_id__in": [variant_id for variant_id, _warehouse in wanted],
        "warehouse_id__in": {warehouse_id for _variant, warehouse_id in wanted},
    }
    known = set(StockItem.objects.filter(**places).values_list("variant_id", "warehouse_id"))
    # sorted: two entries that make the same items wait for each other in one order
    missing = [StockItem(variant_id=variant, warehouse_id=place) for variant, place in sorted(wanted - known)]
    StockItem.objects.bulk_create(missing, ignore_conflicts=True)
    ids = [
        pk
        for pk, *place in StockItem.objects.filter(**places).values_list("pk", "variant_id", "warehouse_id")
        if tuple(place) in wanted
    ]
    return {(item.variant_id, item.warehouse_id): item for item in lock_items(pk__in=ids)}


def entry_changes(
    kind: EntryKind,
    lines: Sequence[EntryLine],
    lots: Sequence[int | None],
    items: Mapping[tuple[int, int], StockItem],
) -> list[int]:
    """Return the change of on hand for each line, from the locked numbers; refuse what the stock does not allow."""
    by_line = [items[line.variant_id, line.warehouse_id] for line in lines]
    if kind == _K.OPENING and (
        begun := set(StockMovement.objects.filter(stock_item__in=by_line).values_list("stock_item__variant", flat=True))
    ):
        raise InvalidInput(_("These already have a history; enter a count instead: %(skus)s") % {"skus": skus(begun)})
    changes = _signed(kind, lines, lots, by_line)
    free = {item.pk: item.available for item in by_line}
    short = set()
    for line, item, change in zip(lines, by_line, changes, strict=True):
        if not line.hold_kind:
            free[item.pk] += change
        if free[item.pk] < 0:
            short.add(item.variant_id)
    if short:
        raise InvalidInput(
            _("Less than what is reserved for orders or held back; free some of them first: %(skus)s")
            % {"skus": skus(short)}
        )
    return changes


def _signed(
    kind: EntryKind, lines: Sequence[EntryLine], lots: Sequence[int | None], items: Sequence[StockItem]
) -> list[int]:
    if kind == _K.COUNT:
        there = _there(lines, lots, items)
        return [line.quantity - pieces for line, pieces in zip(lines, there, strict=True)]
    sign = -1 if kind in _LEAVING else 1
    return [sign * line.quantity for line in lines]


def _there(lines: Sequence[EntryLine], lots: Sequence[int | None], items: Sequence[StockItem]) -> list[int]:
    """Return what the books say of each line's place: of the item, or of its pieces of a lot or in a bin."""
    if all(lot is None and line.bin_id is None for line, lot in zip(lines, lots, strict=True)):
        return [item.on_hand for item in items]
    shelves = list(ShelfStock.objects.filter(stock_item__in=items).values_list("stock_item", "lot", "bin", "quantity"))
    return [
        item.on_hand
        if lot is None and line.bin_id is None
        else sum(
            pieces
            for owner, of_lot, in_bin, pieces in shelves
            if owner == item.pk and lot in {None, of_lot} and line.bin_id in {None, in_bin}
        )
        for line, lot, item in zip(lines, lots, items, strict=True)
    ]


def skus(variant_ids: set[int]) -> str:
    """Return at most ten of the variants' SKUs, for a sentence."""
    names = list(Variant.objects.filter(pk__in=variant_ids).order_by("sku").values_list("sku", flat=True)[:11])
    return ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
