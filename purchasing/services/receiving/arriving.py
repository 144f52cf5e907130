"""Goods of a purchase order come in."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import InvalidInput, InvalidTransition
from core.events import record
from core.sequences import document_number, next_numbers
from inventory.models import EntryKind, HoldKind, Lot, StockEntry, StockHold
from inventory.services import EntryLine, LotGiven, post_document
from purchasing.events import GoodsReceived
from purchasing.models import (
    EXPECTED_STATES,
    GoodsReceipt,
    GoodsReceiptLine,
    InspectionState,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseState,
)
from purchasing.policies import can_receive_goods, can_take_overdelivery
from purchasing.selectors.rates import rate_on
from purchasing.services.invoicing.entering import rematch_invoices
from purchasing.services.ordering.orders import MOST_PIECES, check_right, lock_purchase_order
from staff.models import User

SERIES = "purchasing.receipt"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedLine:
    """What came of one line of the order, of one lot: good, damaged, to inspect, refused at the door.

    ``serials`` number the pieces taken in, good ones first, then the damaged, then those to inspect.
    """

    line_id: int
    accepted: int = 0
    damaged: int = 0
    to_inspect: int = 0
    refused: int = 0
    lot: LotGiven | None = None
    serials: tuple[str, ...] = ()
    note: str = ""

    @property
    def taken(self) -> int:
        """Pieces that come into the warehouse, good or not."""
        return self.accepted + self.damaged + self.to_inspect


def receive_goods(
    *,
    order_id: int,
    lines: Sequence[ReceivedLine],
    delivery_note: str = "",
    note: str = "",
    key: str = "",
    actor: User | None = None,
) -> GoodsReceipt:
    """Take in a delivery and return its receipt; the order is partly received or received then.

    Good pieces are for sale; damaged and unjudged ones are held from the first moment on; refused ones never came.
    What is short stays expected. More than ordered needs a note and the right to take it. The same ``key`` answers with
    the same receipt. NotAllowed without the right; InvalidTransition for an order that nothing is expected of;
    InvalidInput for no pieces, a line of another order, or what stock refuses (a missing lot or serial number).
    """
    check_right(can_receive_goods, actor)

    def run() -> int:
        return _receive(order_id, lines, delivery_note, note, actor).pk

    if not key:
        return GoodsReceipt.objects.get(pk=run())
    parameters = {
        "order": order_id,
        "lines": [asdict(line) for line in lines],
        "delivery_note": delivery_note,
        "note": note,
    }
    return GoodsReceipt.objects.get(pk=once(key=f"purchasing.receipt:{key}", parameters=parameters, run=run))


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _receive(
    order_id: int, lines: Sequence[ReceivedLine], delivery_note: str, note: str, actor: User | None
) -> GoodsReceipt:
    """Lock the order, then stock; write the receipt, the entry with its holds, the lines and the order's state."""
    order = lock_purchase_order(order_id)
    if order.state not in EXPECTED_STATES:
        raise InvalidTransition(
            _("Nothing is expected of this order now (%(state)s). Reload the page.")
            % {"state": order.get_state_display()}
        )
    ordered = {line.pk: line for line in order.lines.all()}
    said = [line for line in lines if line.taken or line.refused]
    _check(said, ordered)
    over = _add_up(said, ordered, note, actor)
    [value] = next_numbers(series=SERIES)
    receipt = GoodsReceipt.objects.create(
        number=document_number("GR", value), order=order, warehouse_id=order.warehouse_id,
        delivery_note=delivery_note.strip(), note=note.strip(), received_by=actor,
        rate=rate_on(currency=order.currency),
    )  # fmt: skip
    receipt.entry = _enter(receipt, said, ordered, actor)
    receipt.save(update_fields=["entry"])
    _write_lines(receipt, said, ordered)
    PurchaseOrderLine.objects.bulk_update(ordered.values(), ["received", "given_up"])
    refresh_received_state(order, list(ordered.values()))
    rematch_invoices(order.pk)
    fact = GoodsReceived(
        order_id=order.pk,
        receipt_id=receipt.pk,
        number=receipt.number,
        good=sum(line.accepted for line in said),
        damaged=sum(line.damaged for line in said),
        to_inspect=sum(line.to_inspect for line in said),
        refused=sum(line.refused for line in said),
        over=over,
    )
    record(fact, subject=order, actor=actor)
    return receipt


def _check(said: Sequence[ReceivedLine], ordered: Mapping[int, PurchaseOrderLine]) -> None:
    if not said:
        raise InvalidInput(_("Write how many pieces came, of at least one line."))
    for line in said:
        counts = (line.accepted, line.damaged, line.to_inspect, line.refused)
        if line.line_id not in ordered:
            raise InvalidInput(_("A line does not belong to this order. Reload the page."))
        if not all(0 <= count <= MOST_PIECES for count in counts):
            raise InvalidInput(_("A quantity cannot be used. Write how many pieces, as a whole number."))
        if line.serials and len(line.serials) != line.taken:
            raise InvalidInput(
                _("Give one serial number for each of the %(count)s pieces of %(sku)s, none twice.")
                % {"count": line.taken, "sku": ordered[line.line_id].variant.sku}
            )


def _add_up(
    said: Sequence[ReceivedLine], ordered: Mapping[int, PurchaseOrderLine], note: str, actor: User | None
) -> int:
    """Add the pieces to the lines and return how many came too many; refuse those without a note or the right."""
    over = 0
    noted: dict[int, bool] = defaultdict(bool)
    for one in said:
        noted[one.line_id] |= bool(one.note.strip() or note.strip())
        ordered[one.line_id].received += one.taken
    for line in ordered.values():
        if line.pk not in noted:
            continue
        surplus = line.received - line.quantity
        if surplus > 0 and not noted[line.pk]:
            raise InvalidInput(
                _("%(sku)s: %(count)s more than ordered. Write a note about it, or refuse the surplus.")
                % {"sku": line.variant.sku, "count": surplus}
            )
        if surplus > 0:
            check_right(can_take_overdelivery, actor)
            over += surplus
        line.given_up = min(line.given_up, max(0, line.quantity - line.received))
    return over


def _enter(
    receipt: GoodsReceipt, said: Sequence[ReceivedLine], ordered: Mapping[int, PurchaseOrderLine], actor: User | None
) -> StockEntry | None:
    entered = [
        entry_line for line in said for entry_line in _entry_lines(line, ordered[line.line_id], receipt.warehouse_id)
    ]
    if not entered:
        return None
    return post_document(
        kind=EntryKind.RECEIPT, lines=entered, reason=receipt.note[:200], reference=receipt.number, actor=actor
    )


def _entry_lines(line: ReceivedLine, ordered: PurchaseOrderLine, warehouse_id: int) -> list[EntryLine]:
    serials = list(line.serials)
    found = []
    for pieces, hold_kind in (
        (line.accepted, ""),
        (line.damaged, HoldKind.DAMAGED.value),
        (line.to_inspect, HoldKind.INSPECTION.value),
    ):
        if pieces:
            numbers, serials = serials[:pieces], serials[pieces:]
            found.append(
                EntryLine(
                    variant_id=ordered.variant_id, warehouse_id=warehouse_id, quantity=pieces, hold_kind=hold_kind,
                    lot=line.lot, serials=tuple(numbers),
                )
            )  # fmt: skip
    return found


def _write_lines(receipt: GoodsReceipt, said: Sequence[ReceivedLine], ordered: Mapping[int, PurchaseOrderLine]) -> None:
    """Write the lines with the lots and the inspection holds that the entry has just made, in the lines' order."""
    waiting = StockHold.objects.filter(reference=receipt.number, kind=HoldKind.INSPECTION).order_by("pk")
    holds = iter(waiting)
    lots = _lots_of(said, ordered)
    rows = [
        GoodsReceiptLine(
            receipt=receipt,
            order_line_id=line.line_id,
            accepted=line.accepted,
            damaged=line.damaged,
            to_inspect=line.to_inspect,
            refused=line.refused,
            lot_id=lots.get((ordered[line.line_id].variant_id, line.lot.number.strip())) if line.lot else None,
            hold=next(holds) if line.to_inspect else None,
            inspection=InspectionState.WAITING if line.to_inspect else InspectionState.NONE,
            note=line.note.strip(),
        )
        for line in said
    ]
    GoodsReceiptLine.objects.bulk_create(rows)


def _lots_of(said: Sequence[ReceivedLine], ordered: Mapping[int, PurchaseOrderLine]) -> dict[tuple[int, str], int]:
    named = [line for line in said if line.lot]
    if not named:
        return {}
    variants = {ordered[line.line_id].variant_id for line in named}
    found = Lot.objects.filter(variant__in=variants, number__in=[line.lot.number.strip() for line in named if line.lot])
    return {(variant_id, number): pk for pk, variant_id, number in found.values_list("pk", "variant_id", "number")}


def refresh_received_state(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> None:
    """Let the locked order's state follow what was received; a closed order stays closed.

    It goes back only where a receipt was undone, so the transition table, which makes buttons, does not list that.
    """
    if order.state == PurchaseState.CLOSED:
        return
    if not any(line.open_count for line in lines):
        order.state = PurchaseState.RECEIVED
    elif any(line.received for line in lines):
        order.state = PurchaseState.PARTLY_RECEIVED
    else:
        order.state = PurchaseState.CONFIRMED if order.confirmed_at else PurchaseState.SENT
    order.closed_at = timezone.now() if order.state == PurchaseState.RECEIVED else None
    order.updated_at = timezone.now()
    order.save(update_fields=["state", "closed_at", "updated_at"])
