"""A transfer leaves: on hand falls at the source, and the pieces are in transit with their lots."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import InvalidInput
from core.events import record
from inventory.events import TransferSent
from inventory.models import TRANSFER_TRANSITIONS, EntryKind, StockItem, Transfer, TransferLine, TransferState
from inventory.selectors.shelves import Rack, racks_of
from inventory.services.entries import post_document
from inventory.services.entry_lines import EntryCause, EntryLine, locked_items, skus
from inventory.services.moving.drafting import locked_transfer, may_move
from inventory.services.moving.numbering import LotId, Travellers, lots_of_numbers, numbers_of_lines, send_numbers
from staff.models import User

Taken = Mapping[int, Mapping[LotId, int]]  # line id -> lot -> pieces
OfLot = Mapping[tuple[int, LotId], TransferLine]  # (variant, lot) -> the line of its pieces


def send_transfer(
    *,
    transfer_id: int,
    as_far_as_there: bool = False,
    serials: Mapping[int, Sequence[str]] | None = None,
    key: str = "",
    actor: User | None = None,
) -> Transfer:
    """Take the pieces of a draft off the shelves of its source and return it, in transit.

    Only what is available leaves: reserved and held pieces stay. When something is short, InvalidInput names it and
    nothing leaves; with ``as_far_as_there`` what is there leaves and the rest of the line stays unsent for good. A line
    without a lot is split by the lots that are taken, the first to expire first. ``serials`` (line id: numbers) name
    the pieces of what is numbered, one for each, and decide of which lots they are. NotAllowed without the right to
    move stock, InvalidTransition for anything but a draft, InvalidInput for a transfer without pieces and for numbers
    that are missing, not in stock at the source, or of another lot than their line.
    """
    may_move(actor)
    given = serials or {}

    def run() -> int:
        return _send(transfer_id, given, actor, as_far_as_there=as_far_as_there).pk

    if not key:
        return Transfer.objects.get(pk=run())
    parameters: dict[str, Any] = {"transfer": transfer_id, "as_far_as_there": as_far_as_there}
    if given:
        parameters["serials"] = sorted((pk, list(numbers)) for pk, numbers in given.items())
    return Transfer.objects.get(pk=once(key=f"inventory.transfer.send:{key}", parameters=parameters, run=run))


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _send(
    transfer_id: int, given: Mapping[int, Sequence[str]], actor: User | None, *, as_far_as_there: bool
) -> Transfer:
    """Send under one lock.

    1. The transfer is locked, then the stock items of the source, by primary key.
    2. What is available decides how much of each line leaves; serial numbers, then shelves decide of which lots.
    3. One entry writes counters and movements; the lines say what left.
    """
    transfer = locked_transfer(transfer_id)
    TRANSFER_TRANSITIONS.check(TransferState(transfer.state), TransferState.IN_TRANSIT)
    lines = list(transfer.lines.order_by("pk"))
    if not lines:
        raise InvalidInput(_("There is nothing on this transfer. Add what is to be moved."))
    places = [_entry_line(transfer, line.variant_id, line.lot_id, line.quantity) for line in lines]
    items = {item.variant_id: item for item in locked_items(places).values()}
    numbers = numbers_of_lines(lines, given, as_far_as_there=as_far_as_there)
    lots = lots_of_numbers(lines, numbers, items)
    taken = _take(lines, items, lots)
    _check_taken(lines, taken, lots, as_far_as_there=as_far_as_there)
    # written before the movements: the entry's own refusals undo it with everything else
    variant_of = {line.pk: line.variant_id for line in lines}  # a line that is split up loses its id
    of_lot = _write_sent(transfer, lines, taken)
    send_numbers(transfer, {pk: Travellers(items[variant_of[pk]], lots[pk], taken[pk]) for pk in lots}, of_lot, actor)
    leaving = _leaving(transfer, of_lot)
    post_document(
        kind=EntryKind.TRANSFER_OUT,
        lines=leaving,
        reference=transfer.number,
        cause=EntryCause(transfer_id=transfer.pk),
        actor=actor,
    )
    transfer.state, transfer.sent_at = TransferState.IN_TRANSIT, timezone.now()
    transfer.save(update_fields=["state", "sent_at"])
    sent = sum(line.quantity for line in leaving)
    wanted = sum(line.quantity for line in transfer.lines.all())
    record(TransferSent(transfer_id=transfer.pk, pieces=sent, short=wanted - sent), subject=transfer, actor=actor)
    return transfer


def _entry_line(transfer: Transfer, variant_id: int, lot_id: int | None, quantity: int) -> EntryLine:
    return EntryLine(variant_id=variant_id, warehouse_id=transfer.source_id, quantity=quantity, lot_id=lot_id)


def _take(
    lines: Sequence[TransferLine], items: Mapping[int, StockItem], lots: Mapping[int, Mapping[str, LotId]]
) -> Taken:
    """Return line id -> lot -> pieces that leave."""
    racks = racks_of(stock_item_ids={item.pk for item in items.values()})
    left = {item.variant_id: item.available for item in items.values()}
    taken: dict[int, dict[LotId, int]] = {}
    # lines that name their lot choose first: what is left of it is for those that take any
    for line in sorted(lines, key=lambda line: line.lot_id is None):
        rack = racks[items[line.variant_id].pk]
        parts = [(line.lot_id, line.quantity)]
        if line.pk in lots:  # each number's own lot first, then those of which nobody noted one
            known = Counter(lot if lot is not None else line.lot_id for lot in lots[line.pk].values())
            parts = sorted(known.items(), key=lambda part: part[0] is None)
        by_lot: dict[LotId, int] = {}
        for lot, pieces in parts:
            for found, count in _taken(lot, min(pieces, max(0, left[line.variant_id])), rack).items():
                by_lot[found] = by_lot.get(found, 0) + count
                left[line.variant_id] -= count
        taken[line.pk] = by_lot
    return taken


def _taken(lot_id: LotId, pieces: int, rack: Rack) -> dict[LotId, int]:
    """Return lot -> pieces that leave of this lot (None: of any), and take them off the rack in memory."""
    by_lot: dict[LotId, int] = {}
    for shelf in rack.shelves:
        if lot_id not in {None, shelf.lot_id} or pieces <= 0:
            continue
        count = min(pieces, shelf.free)
        if count > 0:
            shelf.quantity -= count
            pieces -= count
            by_lot[shelf.lot_id] = by_lot.get(shelf.lot_id, 0) + count
    if lot_id is None and pieces > 0:
        count = min(pieces, rack.unplaced)
        rack.unplaced -= count
        by_lot[None] = by_lot.get(None, 0) + count
    return {lot: count for lot, count in by_lot.items() if count}


def _check_taken(
    lines: list[TransferLine], taken: Taken, lots: Mapping[int, Mapping[str, LotId]], *, as_far_as_there: bool
) -> None:
    short = {line.variant_id for line in lines if sum(taken[line.pk].values()) < line.quantity}
    if numbered := {line.variant_id for line in lines if sum(taken[line.pk].values()) < len(lots.get(line.pk, ()))}:
        raise InvalidInput(
            _("Fewer pieces are free at the source than serial numbers are given: %(skus)s") % {"skus": skus(numbered)}
        )
    if short and not as_far_as_there:
        raise InvalidInput(
            _("So many pieces are not free at the source: %(skus)s. Send what is there, or change the draft.")
            % {"skus": skus(short)}
        )
    if not any(taken.values()):
        raise InvalidInput(_("None of these pieces is free at the source now."))


def _write_sent(transfer: Transfer, lines: list[TransferLine], taken: Taken) -> OfLot:
    """Note on the lines what leaves, one line for each lot, and return them."""
    of_lot = {(line.variant_id, line.lot_id): line for line in lines}
    for line in lines:
        for lot, count in taken[line.pk].items():
            if lot == line.lot_id:
                line.sent += count
                continue
            line.quantity -= count
            other = of_lot.get((line.variant_id, lot)) or TransferLine(
                transfer=transfer, variant_id=line.variant_id, lot_id=lot, quantity=0
            )
            of_lot[line.variant_id, lot] = other
            other.quantity += count
            other.sent += count
    for line in of_lot.values():
        if not line.quantity:
            line.delete()
        elif line.pk:
            line.save(update_fields=["quantity", "sent"])
        else:
            line.save()
    return of_lot


def _leaving(transfer: Transfer, of_lot: OfLot) -> list[EntryLine]:
    # lots that are named are drawn before what takes any
    leaving = sorted(of_lot.items(), key=lambda part: (part[0][1] is None, part[0][0], part[0][1] or 0))
    return [_entry_line(transfer, variant, lot, line.sent) for (variant, lot), line in leaving if line.sent]
