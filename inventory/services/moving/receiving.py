"""A transfer arrives, in one go or in several; what never comes is closed as lost."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import Conflict, InvalidInput
from core.events import record
from inventory.events import TransferClosed, TransferReceived
from inventory.models import TRANSFER_TRANSITIONS, EntryKind, HoldKind, Transfer, TransferLine, TransferState
from inventory.services.entries import post_document
from inventory.services.entry_lines import EntryCause, EntryLine
from inventory.services.moving.drafting import locked_transfer, may_move
from inventory.services.moving.numbering import check_arrived_numbers, lose_numbers, receive_numbers
from staff.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedPieces:
    """Pieces of one line that arrived, into a bin if one is named; ``damaged`` of them go straight into a hold.

    ``serials`` are the numbers of all of them, where numbers travel with the line.
    """

    line_id: int
    quantity: int
    damaged: int = 0
    bin_id: int | None = None
    serials: tuple[str, ...] = ()


def receive_transfer(
    *, transfer_id: int, pieces: Sequence[ArrivedPieces], key: str = "", actor: User | None = None
) -> Transfer:
    """Put arrived pieces on hand at the destination, with their lots, and return the transfer.

    Received when nothing is in transit any more, partly received until then. Conflict for more than is in transit (of
    two who receive the same pieces the second is refused) and for a serial number that is not on its way with its
    line; InvalidInput for nothing, for a line of another transfer, for more damaged than arrived, for numbers that are
    not as many as the pieces; InvalidTransition before it was sent and after it was closed; NotAllowed without the
    right to move stock. The same ``key`` receives once.
    """
    may_move(actor)

    def run() -> int:
        return _receive(transfer_id, pieces, actor).pk

    if not key:
        return Transfer.objects.get(pk=run())
    parameters = {"transfer": transfer_id, "pieces": [_said(part) for part in pieces]}
    return Transfer.objects.get(pk=once(key=f"inventory.transfer.receive:{key}", parameters=parameters, run=run))


def _said(part: ArrivedPieces) -> dict[str, Any]:
    """Return what a part says; without numbers as older releases said it, so that their keys still match."""
    return {name: value for name, value in asdict(part).items() if name != "serials" or value}


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _receive(transfer_id: int, pieces: Sequence[ArrivedPieces], actor: User | None) -> Transfer:
    transfer = locked_transfer(transfer_id)
    TRANSFER_TRANSITIONS.check(TransferState(transfer.state), TransferState.PARTLY_RECEIVED)
    lines = {line.pk: line for line in transfer.lines.order_by("pk")}
    arrived = [part for part in pieces if part.quantity]
    _check_arrived(arrived, lines)
    for part in arrived:
        line = lines[part.line_id]
        line.received += part.quantity
        if line.in_transit < 0:
            raise Conflict(
                _("So many pieces of %(sku)s are no longer in transit. Reload the page: somebody else received some.")
                % {"sku": line.variant.sku}
            )
        line.save(update_fields=["received"])
    numbers = check_arrived_numbers([(lines[part.line_id], part.quantity, part.serials) for part in arrived])
    entry = post_document(
        kind=EntryKind.TRANSFER_IN,
        lines=[line for part in arrived for line in _entry_lines(transfer, lines[part.line_id], part)],
        reference=transfer.number,
        cause=EntryCause(transfer_id=transfer.pk),
        actor=actor,
    )
    receive_numbers(transfer, numbers, entry, actor)
    left = sum(line.in_transit for line in lines.values())
    _move_on(transfer, left)
    record(
        TransferReceived(
            transfer_id=transfer.pk,
            pieces=sum(part.quantity for part in arrived),
            damaged=sum(part.damaged for part in arrived),
            left=left,
        ),
        subject=transfer,
        actor=actor,
    )
    return transfer


@transaction.atomic
def close_transfer(*, transfer_id: int, reason: str, actor: User | None = None) -> Transfer:
    """Write off what is still in transit as lost, with the reason, and return the transfer, received.

    No stock changes: the pieces left the books of the source when they were sent; the numbers among them are lost.
    InvalidInput without a reason or when
    nothing is in transit; refuses what ``receive_transfer`` refuses.
    """
    may_move(actor)
    if not reason.strip():
        raise InvalidInput(_("Say why the rest does not arrive."))
    transfer = locked_transfer(transfer_id)
    TRANSFER_TRANSITIONS.check(TransferState(transfer.state), TransferState.RECEIVED)
    lost = []
    for line in transfer.lines.order_by("pk"):
        if line.in_transit:
            lost.append([line.variant_id, line.lot_id, line.in_transit])
            line.lost += line.in_transit
            line.save(update_fields=["lost"])
    lose_numbers(transfer, actor)
    transfer.loss_reason = reason.strip()
    transfer.save(update_fields=["loss_reason"])
    _move_on(transfer, 0)
    record(TransferClosed(transfer_id=transfer.pk, lost=lost, reason=reason.strip()), subject=transfer, actor=actor)
    return transfer


def _check_arrived(arrived: Sequence[ArrivedPieces], lines: dict[int, TransferLine]) -> None:
    if not arrived:
        raise InvalidInput(_("Write how many pieces arrived."))
    if any(part.line_id not in lines for part in arrived):
        raise InvalidInput(_("One of these lines is not on this transfer. Reload the page."))
    if any(part.quantity < 0 or not 0 <= part.damaged <= part.quantity for part in arrived):
        raise InvalidInput(_("No more pieces can be damaged than arrived."))


def _entry_lines(transfer: Transfer, line: TransferLine, part: ArrivedPieces) -> list[EntryLine]:
    parts = [(part.quantity - part.damaged, ""), (part.damaged, HoldKind.DAMAGED.value)]
    return [
        EntryLine(
            variant_id=line.variant_id,
            warehouse_id=transfer.destination_id,
            quantity=quantity,
            lot_id=line.lot_id,
            bin_id=part.bin_id,
            hold_kind=hold_kind,
        )
        for quantity, hold_kind in parts
        if quantity
    ]


def _move_on(transfer: Transfer, left: int) -> None:
    transfer.state = TransferState.PARTLY_RECEIVED if left else TransferState.RECEIVED
    transfer.received_at = None if left else timezone.now()
    transfer.save(update_fields=["state", "received_at"])
