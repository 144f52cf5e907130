"""Transfers before they leave: written down, changed, given up. Nothing moves here."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Variant
from core.commands import once
from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from core.sequences import document_number, next_numbers
from inventory.events import TransferCancelled, TransferChanged, TransferDrafted
from inventory.models import TRANSFER_TRANSITIONS, Lot, Transfer, TransferLine, TransferState, Warehouse
from inventory.policies import can_move_stock
from staff.models import User

SERIES = "inventory.transfer"
PREFIX = "TR"  # T- numbers tasks
MOST_PIECES = 10_000_000
MOST_LINES = 1_000
SHOWN = 5

Place = tuple[int, int | None]  # variant, lot


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferPieces:
    """So many pieces of a variant, of one lot or (None) of whichever is taken first."""

    variant_id: int
    quantity: int
    lot_id: int | None = None


def may_move(actor: User | None) -> None:
    """Raise NotAllowed for a person without the right to move stock."""
    if actor is not None and not can_move_stock(actor):
        raise NotAllowed(_("You may not move stock between warehouses. Ask somebody of the warehouse."))


def locked_transfer(transfer_id: int) -> Transfer:
    """Lock the transfer, before any stock item, until the transaction ends."""
    return Transfer.objects.select_for_update(no_key=True).get(pk=transfer_id)


def create_transfer(
    *,
    source_id: int,
    destination_id: int,
    lines: Sequence[TransferPieces] = (),
    expected_on: date | None = None,
    note: str = "",
    key: str = "",
    actor: User | None = None,
) -> Transfer:
    """Write down a draft and return it; the same ``key`` answers with the same transfer.

    NotAllowed without the right to move stock; InvalidInput from a warehouse to itself, into one that is closed, and
    for what ``put_transfer_lines`` refuses.
    """
    may_move(actor)

    def run() -> int:
        return _create(source_id, destination_id, lines, expected_on, note, actor).pk

    if not key:
        return Transfer.objects.get(pk=run())
    parameters = {
        "source": source_id,
        "destination": destination_id,
        "lines": [asdict(line) for line in lines],
        "expected_on": expected_on,
        "note": note,
    }
    return Transfer.objects.get(pk=once(key=f"inventory.transfer:{key}", parameters=parameters, run=run))


@transaction.atomic
def _create(
    source_id: int,
    destination_id: int,
    lines: Sequence[TransferPieces],
    expected_on: date | None,
    note: str,
    actor: User | None,
) -> Transfer:
    if source_id == destination_id:
        raise InvalidInput(_("Choose two different warehouses."))
    if not Warehouse.objects.filter(pk=destination_id, is_active=True).exists():
        raise InvalidInput(_("Nothing can be sent to a warehouse that is closed. Choose another one."))
    wanted = _wanted(lines)
    [value] = next_numbers(series=SERIES)
    transfer = Transfer.objects.create(
        number=document_number(PREFIX, value),
        source_id=source_id,
        destination_id=destination_id,
        expected_on=expected_on,
        note=note,
        created_by=actor,
    )
    _write_lines(transfer, {}, wanted)
    record(TransferDrafted(transfer_id=transfer.pk, pieces=sum(wanted.values())), subject=transfer, actor=actor)
    return transfer


@transaction.atomic
def put_transfer_lines(
    *, transfer_id: int, lines: Sequence[TransferPieces], actor: User | None = None
) -> list[TransferLine]:
    """Make these the lines of a draft, and no others; return them. The same again changes nothing.

    InvalidTransition once it has left; InvalidInput for a variant that is not known, a lot of another one, a quantity
    below 1, more than 1,000 lines.
    """
    may_move(actor)
    transfer = locked_transfer(transfer_id)
    _check_draft(transfer)
    wanted = _wanted(lines)
    known = {(line.variant_id, line.lot_id): line for line in transfer.lines.all()}
    changes = _write_lines(transfer, known, wanted)
    if changes:
        told: list[list[str | int]] = [[sku, before, after] for sku, before, after in _told(changes)]
        record(
            TransferChanged(transfer_id=transfer.pk, lines=told[:SHOWN], count=len(told)),
            subject=transfer,
            actor=actor,
        )
    return list(transfer.lines.order_by("pk"))


@transaction.atomic
def add_by_code(*, transfer_id: int, code: str, quantity: int, actor: User | None = None) -> TransferLine:
    """Add pieces of the variant whose SKU or barcode this is; scanned again, they add up. Return its line.

    InvalidInput for a code that nobody knows; refuses what ``put_transfer_lines`` refuses.
    """
    may_move(actor)
    transfer = locked_transfer(transfer_id)
    _check_draft(transfer)
    variant_id = _variant_of(code.strip())
    pieces = {(line.variant_id, line.lot_id): line.quantity for line in transfer.lines.all()}
    pieces[variant_id, None] = pieces.get((variant_id, None), 0) + quantity
    lines = [TransferPieces(variant_id=variant, lot_id=lot, quantity=count) for (variant, lot), count in pieces.items()]
    put_transfer_lines(transfer_id=transfer_id, lines=lines, actor=actor)
    return transfer.lines.get(variant_id=variant_id, lot=None)


@transaction.atomic
def cancel_transfer(*, transfer_id: int, actor: User | None = None) -> Transfer:
    """Give a draft up; what has left is received or closed instead (InvalidTransition)."""
    may_move(actor)
    transfer = locked_transfer(transfer_id)
    TRANSFER_TRANSITIONS.check(TransferState(transfer.state), TransferState.CANCELLED)
    transfer.state = TransferState.CANCELLED
    transfer.save(update_fields=["state"])
    record(TransferCancelled(transfer_id=transfer.pk), subject=transfer, actor=actor)
    return transfer


def _check_draft(transfer: Transfer) -> None:
    if transfer.state != TransferState.DRAFT:
        raise InvalidTransition(_("Only a draft can be changed; %(number)s has left it.") % {"number": transfer.number})


def _variant_of(code: str) -> int:
    known = Variant.objects.filter(sku=code).values_list("pk", flat=True).first()
    if known is None and code:
        known = Variant.objects.filter(barcode=code).values_list("pk", flat=True).first()
    if known is None:
        raise InvalidInput(_("Nobody knows “%(code)s”. Scan a barcode or write a SKU.") % {"code": code})
    return known


def _wanted(lines: Sequence[TransferPieces]) -> dict[Place, int]:
    """Return (variant, lot) -> pieces; lines of the same add up."""
    wanted: dict[Place, int] = {}
    for line in lines:
        if line.quantity < 1:
            raise InvalidInput(_("A quantity cannot be used. Write how many pieces, as a whole number."))
        place = (line.variant_id, line.lot_id)
        wanted[place] = wanted.get(place, 0) + line.quantity
    if any(quantity > MOST_PIECES for quantity in wanted.values()):
        raise InvalidInput(_("A quantity cannot be used. Write how many pieces, as a whole number."))
    if len(wanted) > MOST_LINES:
        raise InvalidInput(_("That are more than %(limit)s lines. Make two transfers.") % {"limit": MOST_LINES})
    _check_known(wanted)
    return wanted


def _check_known(wanted: Mapping[Place, int]) -> None:
    variants = {variant for variant, _lot in wanted}
    if Variant.objects.filter(pk__in=variants).count() < len(variants):
        raise InvalidInput(_("One of these variants does not exist any more. Reload the page."))
    lots = {lot: variant for variant, lot in wanted if lot is not None}
    owners = dict(Lot.objects.filter(pk__in=lots).values_list("pk", "variant"))
    if any(owners.get(lot) != variant for variant, lot in wanted if lot is not None):
        raise InvalidInput(_("This lot belongs to another product. Choose one of this product."))


def _write_lines(
    transfer: Transfer, known: Mapping[Place, TransferLine], wanted: Mapping[Place, int]
) -> list[tuple[int, int, int]]:
    """Write what differs and return it: (variant id, pieces before, pieces now)."""
    changes = []
    for place, quantity in wanted.items():
        line = known.get(place)
        if line is None:
            TransferLine.objects.create(transfer=transfer, variant_id=place[0], lot_id=place[1], quantity=quantity)
            changes.append((place[0], 0, quantity))
        elif line.quantity != quantity:
            changes.append((place[0], line.quantity, quantity))
            line.quantity = quantity
            line.save(update_fields=["quantity"])
    gone = [line for place, line in known.items() if place not in wanted]
    if gone:
        TransferLine.objects.filter(pk__in=[line.pk for line in gone]).delete()
    return changes + [(line.variant_id, line.quantity, 0) for line in gone]


def _told(changes: Sequence[tuple[int, int, int]]) -> list[tuple[str, int, int]]:
    skus = dict(Variant.objects.filter(pk__in=[pk for pk, *_ in changes]).values_list("pk", "sku"))
    return [(skus[variant], before, after) for variant, before, after in changes]
