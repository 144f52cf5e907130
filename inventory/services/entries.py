"""Counts, receipts, returns and adjustments: stock that changes other than for a reservation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Variant
from core.commands import once
from core.errors import InvalidInput, NotAllowed
from core.events import record
from core.sequences import document_number, next_numbers
from inventory.events import StockEntryPosted
from inventory.models import EntryKind, MovementKind, StockEntry, StockItem, StockMovement
from inventory.policies import can_adjust_stock
from inventory.services.ledger import lock_items, write
from staff.models import User

SERIES = "inventory.entry"
MOST_PIECES = 100_000_000
_K = EntryKind
_MOVEMENTS = {
    _K.OPENING: MovementKind.COUNTED,
    _K.RECEIPT: MovementKind.RECEIVED,
    _K.ADJUSTMENT: MovementKind.ADJUSTED,
    _K.COUNT: MovementKind.COUNTED,
    _K.RETURN: MovementKind.RETURNED,
}
_POST = """
change AS (
    SELECT seq, stock_item_id, %(kind)s::text AS kind, on_hand_change, 0 AS reserved_change,
           0 AS held_change, NULL::bigint AS reservation_id, %(entry)s::bigint AS entry_id, NULL::bigint AS hold_id
    FROM unnest(%(items)s::bigint[], %(changes)s::int[]) WITH ORDINALITY AS t(stock_item_id, on_hand_change, seq)
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """Pieces of a variant in a warehouse: how many are there (count, opening), came (receipt, return), differ (±)."""

    variant_id: int
    warehouse_id: int
    quantity: int


def post_entry(
    *,
    kind: EntryKind,
    lines: Sequence[EntryLine],
    reason: str = "",
    reference: str = "",
    key: str = "",
    actor: User | None = None,
) -> StockEntry:
    """Change the stock of many items by one document and return it; stock items are made on first use.

    A count states what is there: the difference is found under the lock, so sales meanwhile do no harm.
    The same ``key`` answers with the same document. NotAllowed without the right to adjust stock; InvalidInput for an
    opening count of an item with history, an item counted twice, less than is reserved, an adjustment without reason.
    """
    if actor is not None and not can_adjust_stock(actor):
        raise NotAllowed(_("You may not change stock. Ask somebody of the warehouse."))

    def run() -> int:
        return _post(kind=kind, lines=lines, reason=reason, reference=reference, actor=actor).pk

    if not key:
        return StockEntry.objects.get(pk=run())
    parameters = {"kind": kind, "lines": [asdict(line) for line in lines], "reason": reason, "reference": reference}
    return StockEntry.objects.get(pk=once(key=f"inventory.entry:{key}", parameters=parameters, run=run))


def take_back_stock(
    *, lines: Sequence[EntryLine], reason: str, reference: str, actor: User | None = None
) -> StockEntry:
    """Put returned pieces back on the shelf; whether the actor may is decided by the document they came back with."""
    return _post(kind=EntryKind.RETURN, lines=lines, reason=reason, reference=reference, actor=actor)


def write_off_stock(
    *, lines: Sequence[EntryLine], reason: str, reference: str = "", actor: User | None = None
) -> StockEntry:
    """Take pieces off the shelf for good (lines count up from 1); the document that caused it decides who may."""
    lost = [replace(line, quantity=-line.quantity) for line in lines]
    return _post(kind=EntryKind.ADJUSTMENT, lines=lost, reason=reason, reference=reference, actor=actor)


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _post(
    *, kind: EntryKind, lines: Sequence[EntryLine], reason: str, reference: str, actor: User | None
) -> StockEntry:
    _check_lines(kind, lines, reason)
    items = _locked_items(lines)
    changes = _changes(kind, lines, items)
    [value] = next_numbers(series=SERIES)
    entry = StockEntry.objects.create(
        number=document_number("E", value), kind=kind, reason=reason, reference=reference, created_by=actor
    )
    write(
        _POST,
        {
            "kind": _MOVEMENTS[kind].value,
            "entry": entry.pk,
            "items": [items[line.variant_id, line.warehouse_id].pk for line in lines],
            "changes": changes,
        },
        actor=actor,
    )
    record(StockEntryPosted(entry_id=entry.pk, kind=kind, item_count=len(items)), subject=entry, actor=actor)
    return entry


def _check_lines(kind: EntryKind, lines: Sequence[EntryLine], reason: str) -> None:
    """Refuse what is wrong whatever the stock is."""
    if not lines:
        raise InvalidInput(_("There is nothing to enter. Give at least one line."))
    if kind == EntryKind.ADJUSTMENT and not reason.strip():
        raise InvalidInput(_("Say why the stock is adjusted."))
    states_what_is_there = kind in {EntryKind.OPENING, EntryKind.COUNT}
    if states_what_is_there and len({(line.variant_id, line.warehouse_id) for line in lines}) < len(lines):
        raise InvalidInput(_("An item occurs twice. Add its pieces up and enter it once."))
    allowed: Callable[[int], bool] = {
        _K.OPENING: lambda quantity: quantity >= 0,
        _K.COUNT: lambda quantity: quantity >= 0,
        _K.RECEIPT: lambda quantity: quantity > 0,
        _K.RETURN: lambda quantity: quantity > 0,
        _K.ADJUSTMENT: lambda quantity: quantity != 0,
    }[kind]
    if not all(allowed(line.quantity) and abs(line.quantity) < MOST_PIECES for line in lines):
        raise InvalidInput(_("A quantity cannot be used. Write how many pieces, as a whole number."))


def _locked_items(lines: Sequence[EntryLine]) -> dict[tuple[int, int], StockItem]:
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


def _changes(kind: EntryKind, lines: Sequence[EntryLine], items: Mapping[tuple[int, int], StockItem]) -> list[int]:
    """Return the change of on hand for each line, from the locked numbers; refuse what the stock does not allow."""
    by_line = [items[line.variant_id, line.warehouse_id] for line in lines]
    if kind == EntryKind.OPENING and (
        begun := set(StockMovement.objects.filter(stock_item__in=by_line).values_list("stock_item__variant", flat=True))
    ):
        raise InvalidInput(_("These already have a history; enter a count instead: %(skus)s") % {"skus": _skus(begun)})
    if kind == EntryKind.COUNT:
        changes = [line.quantity - item.on_hand for line, item in zip(lines, by_line, strict=True)]
    else:
        changes = [line.quantity for line in lines]
    free = {item.pk: item.available for item in by_line}
    short = set()
    for item, change in zip(by_line, changes, strict=True):
        free[item.pk] += change
        if free[item.pk] < 0:
            short.add(item.variant_id)
    if short:
        raise InvalidInput(
            _("Less than what is reserved for orders; cancel or move some of them first: %(skus)s")
            % {"skus": _skus(short)}
        )
    return changes


def _skus(variant_ids: set[int]) -> str:
    names = list(Variant.objects.filter(pk__in=variant_ids).order_by("sku").values_list("sku", flat=True)[:11])
    return ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
