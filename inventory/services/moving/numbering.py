"""Numbered pieces travel: chosen when a transfer leaves, checked when it arrives, marked when they are lost.

Everything here runs under the lock of the transfer; sending and receiving hold the locks of the stock items as well.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput
from inventory.models import SerialNumber, StockEntry, StockItem, Transfer, TransferLine, TransferSerial, TravelState
from inventory.selectors.lots import numbered_variants
from inventory.services.entry_lines import skus
from inventory.services.pieces.serials import arrive, depart, known_serials, lose, some
from staff.models import User

Given = Mapping[int, Sequence[str]]  # line id: numbers
LotId = int | None


@dataclass(frozen=True, slots=True)
class Travellers:
    """The numbers that leave for one line, each with its lot, and of which lots its pieces are taken."""

    item: StockItem
    lots: Mapping[str, LotId]
    taken: Mapping[LotId, int]


def numbers_of_lines(lines: Sequence[TransferLine], given: Given, *, as_far_as_there: bool) -> dict[int, list[str]]:
    """Return line id -> the numbers that leave, for the lines of numbered pieces.

    InvalidInput unless there is one for each piece, none twice; with ``as_far_as_there`` the rest stays.
    """
    if set(given) - {line.pk for line in lines}:
        raise InvalidInput(_("One of these lines is not on this transfer. Reload the page."))
    tracked = numbered_variants(variant_ids={line.variant_id for line in lines})
    found: dict[int, list[str]] = {}
    seen: Counter[tuple[int, str]] = Counter()
    for line in lines:
        numbers = [number.strip() for number in given.get(line.pk, ()) if number.strip()]
        if line.variant_id not in tracked and not numbers:
            continue
        seen.update((line.variant_id, number) for number in numbers)
        is_short = len(numbers) < line.quantity and not as_far_as_there
        if is_short or len(numbers) > line.quantity or any(seen[line.variant_id, number] > 1 for number in numbers):
            raise InvalidInput(
                _("Give one serial number for each of the %(count)s pieces of %(sku)s, none twice.")
                % {"count": line.quantity, "sku": skus({line.variant_id})}
            )
        found[line.pk] = numbers
    return found


def lots_of_numbers(
    lines: Sequence[TransferLine], numbers: Mapping[int, Sequence[str]], items: Mapping[int, StockItem]
) -> dict[int, dict[str, LotId]]:
    """Return line id -> number -> the lot it is of, None where nobody noted one; ``items`` are by variant.

    InvalidInput for a number that is known and not in stock there, or of another lot than its line's.
    """
    found: dict[int, dict[str, LotId]] = {}
    for line in lines:
        if line.pk not in numbers:
            continue
        known = known_serials(line.variant_id, numbers[line.pk])
        item = items[line.variant_id]
        if wrong := [number for number, serial in known.items() if serial.stock_item_id != item.pk]:
            raise InvalidInput(_("These serial numbers are not in stock here: %(numbers)s") % {"numbers": some(wrong)})
        lots = {number: known[number].lot_id if number in known else None for number in numbers[line.pk]}
        if line.lot_id and (others := [number for number, lot in lots.items() if lot not in {None, line.lot_id}]):
            raise InvalidInput(
                _("These serial numbers are of another lot than their line: %(numbers)s") % {"numbers": some(others)}
            )
        found[line.pk] = lots
    return found


def send_numbers(
    transfer: Transfer,
    travellers: Mapping[int, Travellers],
    lines: Mapping[tuple[int, LotId], TransferLine],
    actor: User | None,
) -> None:
    """Write which number left on which line; ``travellers`` are by wanted line, ``lines`` by (variant, lot)."""
    way = _way(transfer)
    rows: list[TransferSerial] = []
    for group in travellers.values():
        if not group.lots:
            continue
        serials = depart(item=group.item, numbers=list(group.lots), place=way, document=transfer.number, actor=actor)
        for lot, own in _dealt(group.lots, group.taken).items():
            line = lines[group.item.variant_id, lot]
            rows += [TransferSerial(line=line, serial=serials[number]) for number in own]
    TransferSerial.objects.bulk_create(rows)


def _dealt(numbers: Mapping[str, LotId], taken: Mapping[LotId, int]) -> dict[LotId, list[str]]:
    """Return lot -> numbers: each to its own lot, those of none to where pieces are left."""
    dealt: dict[LotId, list[str]] = defaultdict(list)
    for number, lot in numbers.items():
        if lot is not None:
            dealt[lot].append(number)
    free = [number for number, lot in numbers.items() if lot is None]
    for lot, count in taken.items():
        room = count - len(dealt[lot])
        dealt[lot] += free[:room]
        free = free[room:]
    return dealt


def check_arrived_numbers(
    arrived: Sequence[tuple[TransferLine, int, Sequence[str]]],
) -> dict[int, list[TransferSerial]]:
    """Return line id -> the travelling numbers that arrived, of (line, pieces, numbers); locked.

    InvalidInput unless the numbers of a line that has any are as many as its pieces, none twice; Conflict for one that
    is not on its way with this line.
    """
    given: dict[int, list[str]] = defaultdict(list)
    pieces: dict[int, int] = defaultdict(int)
    of_line = {line.pk: line for line, _pieces, _numbers in arrived}
    for line, count, numbers in arrived:
        given[line.pk] += [number.strip() for number in numbers if number.strip()]
        pieces[line.pk] += count
    travelling = _travelling(of_line)
    found: dict[int, list[TransferSerial]] = {}
    for pk, numbers in given.items():
        if wrong := [number for number in numbers if number not in travelling[pk]]:
            raise Conflict(
                _("These serial numbers are not on their way with this line: %(numbers)s") % {"numbers": some(wrong)}
            )
        if (numbers or travelling[pk]) and not len(set(numbers)) == len(numbers) == pieces[pk]:
            raise InvalidInput(
                _("Give one serial number for each of the %(count)s pieces of %(sku)s, none twice.")
                % {"count": pieces[pk], "sku": skus({of_line[pk].variant_id})}
            )
        found[pk] = [travelling[pk][number] for number in numbers]
    return found


def _travelling(line_ids: Collection[int]) -> dict[int, dict[str, TransferSerial]]:
    rows = TransferSerial.objects.filter(line__in=line_ids, state=TravelState.IN_TRANSIT).select_related("serial")
    found: dict[int, dict[str, TransferSerial]] = {pk: {} for pk in line_ids}
    for row in rows.order_by("serial").select_for_update(no_key=True, of=("self",)):
        found[row.line_id][row.serial.number] = row
    return found


def receive_numbers(
    transfer: Transfer, found: Mapping[int, Sequence[TransferSerial]], entry: StockEntry, actor: User | None
) -> None:
    """Put the numbers that arrived in stock at the destination, with the entry by which they came."""
    rows = [row for own in found.values() for row in own]
    if not rows:
        return
    TransferSerial.objects.filter(pk__in=[row.pk for row in rows]).update(state=TravelState.RECEIVED)
    by_variant: dict[int, list[SerialNumber]] = defaultdict(list)
    for row in rows:
        by_variant[row.serial.variant_id].append(row.serial)
    items = StockItem.objects.filter(variant__in=by_variant, warehouse=transfer.destination_id)
    for item in items.select_related("warehouse").order_by("pk"):
        arrive(serials=by_variant[item.variant_id], item=item, entry=entry, actor=actor)


def lose_numbers(transfer: Transfer, actor: User | None) -> None:
    """Mark the numbers that are still on their way as lost."""
    rows = [
        row for own in _travelling(list(transfer.lines.values_list("pk", flat=True))).values() for row in own.values()
    ]
    TransferSerial.objects.filter(pk__in=[row.pk for row in rows]).update(state=TravelState.LOST)
    lose(serials=[row.serial for row in rows], place=_way(transfer), document=transfer.number, actor=actor)


def _way(transfer: Transfer) -> str:
    return f"{transfer.source.name} → {transfer.destination.name}"
