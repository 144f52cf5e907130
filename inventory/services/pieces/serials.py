"""Numbered pieces: noted when they come and when they leave."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import Count
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput
from core.events import record_many
from inventory.events import SerialMoved
from inventory.models import EntryKind, Reservation, SerialNumber, SerialState, StockEntry, StockItem
from inventory.selectors.lots import numbered_variants
from inventory.services.entry_lines import EntryLine, skus
from staff.models import User

# who may come back under a known number: what was shipped by a return, what left otherwise by anything that arrives
# (pieces in transit are in the books of their transfer: only it brings them back)
_OFF_THE_BOOKS = frozenset({SerialState.GONE.value, SerialState.LOST.value})
_ANYWHERE = _OFF_THE_BOOKS | {SerialState.SHIPPED.value}
_RETURNING: Mapping[EntryKind, frozenset[str]] = {
    EntryKind.RECEIPT: _OFF_THE_BOOKS,
    EntryKind.RETURN: _ANYWHERE,
    EntryKind.TRANSFER_IN: frozenset(),
    EntryKind.ADJUSTMENT: _ANYWHERE,
    EntryKind.COUNT: _ANYWHERE,
    EntryKind.OPENING: _OFF_THE_BOOKS,
    EntryKind.ASSEMBLY: _OFF_THE_BOOKS,
}


def enter_serials(
    *,
    entry: StockEntry,
    lines: Sequence[EntryLine],
    items: Sequence[StockItem],
    lots: Sequence[int | None],
    changes: Sequence[int],
    actor: User | None,
) -> None:
    """Note the numbers that an entry brings or takes; the stock items are locked and their counters written.

    InvalidInput when a receipt of numbered pieces does not name each one, a number is here already or not here, or
    more numbers than pieces would be left.
    """
    tracked = numbered_variants(variant_ids={line.variant_id for line in lines})
    _check_counts(EntryKind(entry.kind), lines, changes, tracked)
    named = [row for row in zip(lines, items, lots, changes, strict=True) if row[0].serials]
    for line, item, lot, change in named:
        if change > 0:
            _take_in(entry, line, item, lot, actor)
        else:
            _take_out(item, line.serials, SerialState.GONE, str(entry), actor)
    shrinking = {item.pk for item, change in zip(items, changes, strict=True) if change < 0}
    if shrinking:
        _check_room(shrinking)


def _check_counts(kind: EntryKind, lines: Sequence[EntryLine], changes: Sequence[int], tracked: set[int]) -> None:
    for line, change in zip(lines, changes, strict=True):
        is_asked = kind == EntryKind.RECEIPT and line.variant_id in tracked
        if (line.serials or is_asked) and len(set(line.serials)) != abs(change):
            raise InvalidInput(
                _("Give one serial number for each of the %(count)s pieces of %(sku)s, none twice.")
                % {"count": abs(change), "sku": skus({line.variant_id})}
            )


def enter_serials_gone(
    *, entry: StockEntry, item: StockItem, pieces: int, serials: Sequence[str], actor: User | None
) -> None:
    """Note which numbered pieces of an item were disposed of; refuses what ``enter_serials`` refuses."""
    if serials:
        if len(set(serials)) != pieces:
            raise InvalidInput(_("Give one serial number for each of the %(count)s pieces.") % {"count": pieces})
        _take_out(item, serials, SerialState.GONE, str(entry), actor)
    _check_room({item.pk})


def _take_in(entry: StockEntry, line: EntryLine, item: StockItem, lot_id: int | None, actor: User | None) -> None:
    known = known_serials(line.variant_id, line.serials)
    allowed = _RETURNING[EntryKind(entry.kind)]
    if wrong := [number for number, serial in known.items() if serial.state not in allowed]:
        raise InvalidInput(
            _("These serial numbers are here already, or come back by a return: %(numbers)s") % {"numbers": some(wrong)}
        )
    for serial in known.values():
        serial.state, serial.stock_item, serial.entry = SerialState.IN_STOCK, item, entry
        serial.lot_id = lot_id or serial.lot_id
        serial.save(update_fields=["state", "stock_item", "entry", "lot"])
    new = SerialNumber.objects.bulk_create(
        [
            SerialNumber(variant_id=line.variant_id, number=number, stock_item=item, lot_id=lot_id, entry=entry)
            for number in line.serials
            if number not in known
        ]
    )
    _tell([*known.values(), *new], SerialState.IN_STOCK, item.warehouse.name, entry.reference or entry.number, actor)


def _take_out(
    item: StockItem, numbers: Sequence[str], state: SerialState, document: str, actor: User | None,
    reservation_id: int | None = None,
) -> None:  # fmt: skip
    known = known_serials(item.variant_id, numbers)
    if missing := [number for number in numbers if not _lies_at(known.get(number), item.pk)]:
        raise InvalidInput(_("These serial numbers are not in stock here: %(numbers)s") % {"numbers": some(missing)})
    pks = [known[number].pk for number in numbers]
    values = {} if reservation_id is None else {"reservation_id": reservation_id}
    SerialNumber.objects.filter(pk__in=pks).update(state=state, stock_item=None, **values)
    _tell([known[number] for number in numbers], state, item.warehouse.name, document, actor)


def depart(
    *, item: StockItem, numbers: Sequence[str], place: str, document: str, actor: User | None
) -> dict[str, SerialNumber]:
    """Take numbered pieces off a stock item and put them in transit; return them by number.

    A number that was never noted may leave: stock that is older than the policy. The stock item is locked, and the
    caller has looked whether the known ones lie there.
    """
    known = known_serials(item.variant_id, numbers)
    leaving = [serial.pk for serial in known.values()]
    SerialNumber.objects.filter(pk__in=leaving).update(state=SerialState.IN_TRANSIT, stock_item=None)
    new = SerialNumber.objects.bulk_create(
        [
            SerialNumber(variant_id=item.variant_id, number=number, state=SerialState.IN_TRANSIT)
            for number in numbers
            if number not in known
        ]
    )
    _tell([*known.values(), *new], SerialState.IN_TRANSIT, place, document, actor)
    return known | {serial.number: serial for serial in new}


def arrive(*, serials: Sequence[SerialNumber], item: StockItem, entry: StockEntry, actor: User | None) -> None:
    """Put pieces that were in transit in stock at the locked stock item, whose counters are written."""
    pks = [serial.pk for serial in serials]
    SerialNumber.objects.filter(pk__in=pks).update(state=SerialState.IN_STOCK, stock_item=item, entry=entry)
    _tell(serials, SerialState.IN_STOCK, item.warehouse.name, entry.reference or entry.number, actor)


def lose(*, serials: Sequence[SerialNumber], place: str, document: str, actor: User | None) -> None:
    """Mark pieces that were in transit as lost; found again, they come back by a count or an adjustment."""
    pks = [serial.pk for serial in serials]
    SerialNumber.objects.filter(pk__in=pks).update(state=SerialState.LOST)
    _tell(serials, SerialState.LOST, place, document, actor)


def _tell(serials: Sequence[SerialNumber], state: SerialState, place: str, document: str, actor: User | None) -> None:
    """Write the next line of each number's story."""
    record_many(
        [
            (SerialMoved(serial_id=serial.pk, state=state, place=place, document=document), serial.pk)
            for serial in serials
        ],
        model=SerialNumber,
        actor=actor,
    )


def _lies_at(serial: SerialNumber | None, stock_item_id: int) -> bool:
    return serial is not None and serial.stock_item_id == stock_item_id


def known_serials(variant_id: int, numbers: Sequence[str]) -> dict[str, SerialNumber]:
    """Return those of the numbers that are known, locked in primary-key order."""
    found = SerialNumber.objects.filter(variant_id=variant_id, number__in=numbers).order_by("pk")
    return {serial.number: serial for serial in found.select_for_update(no_key=True)}


def _check_room(stock_item_ids: set[int]) -> None:
    """Refuse that more numbers are in stock than pieces."""
    numbered = SerialNumber.objects.filter(stock_item__in=stock_item_ids).values("stock_item")
    count_of = dict(numbered.annotate(pieces=Count("pk")).values_list("stock_item", "pieces"))
    if not count_of:
        return
    items = StockItem.objects.filter(pk__in=count_of)
    if short := {item.variant_id for item in items if count_of[item.pk] > item.on_hand}:
        raise InvalidInput(_("Name the serial numbers that are gone: %(skus)s") % {"skus": skus(short)})


def ship_serials(
    *, shipped: Mapping[int, int], serials: Mapping[int, Sequence[str]], actor: User | None = None
) -> None:
    """Note which numbered pieces left for which reservation (id: pieces); counters are written, items locked.

    A number that was never noted may leave where unnumbered pieces lie: stock that is older than the policy.
    Conflict when numbers are missing or wrong: nothing is shipped then.
    """
    if not shipped:
        return
    rows = Reservation.objects.filter(pk__in=shipped).select_related("stock_item").order_by("pk")
    items = {row.pk: row.stock_item for row in rows}
    document_of = {row.pk: str(row) for row in rows}
    tracked = numbered_variants(variant_ids={item.variant_id for item in items.values()})
    given: dict[int, list[str]] = defaultdict(list)
    for pk, item in items.items():
        numbers = [number.strip() for number in serials.get(pk, ()) if number.strip()]
        if (numbers or item.variant_id in tracked) and len(set(numbers)) != shipped[pk]:
            raise Conflict(
                _("Give one serial number for each of the %(count)s pieces of %(sku)s, none twice.")
                % {"count": shipped[pk], "sku": skus({item.variant_id})}
            )
        given[item.pk] += numbers
        _ship_out(item, numbers, pk, document_of[pk], actor)
    if any(count > 1 for numbers in given.values() for count in Counter(numbers).values()):
        raise Conflict(_("A serial number is given twice."))
    _check_shipped_room(given)


def lots_of_serials(given: Mapping[int, Sequence[str]]) -> dict[int, dict[int, int]]:
    """Return reservation id -> lot id -> pieces, of the numbers (by reservation) whose lot was noted."""
    numbers = {pk: {number.strip() for number in own} for pk, own in given.items() if own}
    if not numbers:
        return {}
    variant_of = dict(Reservation.objects.filter(pk__in=numbers).values_list("pk", "stock_item__variant"))
    every = {number for own in numbers.values() for number in own}
    rows = SerialNumber.objects.filter(variant__in=set(variant_of.values()), number__in=every, lot__isnull=False)
    lot_of = {(variant, number): lot for variant, number, lot in rows.values_list("variant", "number", "lot")}
    found: dict[int, dict[int, int]] = {}
    for pk, own in numbers.items():
        lots = Counter(lot_of[variant_of[pk], number] for number in own if (variant_of[pk], number) in lot_of)
        found[pk] = {lot: count for lot, count in lots.items() if lot is not None}
    return found


def _ship_out(item: StockItem, numbers: Sequence[str], reservation_id: int, document: str, actor: User | None) -> None:
    if not numbers:
        return
    known = known_serials(item.variant_id, numbers)
    if wrong := [number for number, serial in known.items() if not _lies_at(serial, item.pk)]:
        raise Conflict(_("These serial numbers are not in stock here: %(numbers)s") % {"numbers": some(wrong)})
    _take_out(item, list(known), SerialState.SHIPPED, document, actor, reservation_id)
    new = SerialNumber.objects.bulk_create(
        [
            SerialNumber(
                variant_id=item.variant_id, number=number, state=SerialState.SHIPPED, reservation_id=reservation_id
            )
            for number in numbers
            if number not in known
        ]
    )
    _tell(new, SerialState.SHIPPED, item.warehouse.name, document, actor)


def _check_shipped_room(given: Mapping[int, Sequence[str]]) -> None:
    try:
        _check_room({pk for pk, numbers in given.items() if numbers})
    except InvalidInput as error:
        raise Conflict(str(error)) from error


def some(numbers: Sequence[str]) -> str:
    """Return at most ten of the numbers, for a sentence."""
    return ", ".join(sorted(numbers)[:10]) + (", …" if len(numbers) > 10 else "")
