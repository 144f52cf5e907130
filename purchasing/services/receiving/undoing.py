"""A mistaken receipt is corrected: not deleted, but taken out again by an entry that says why."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition
from core.events import record
from inventory.models import AdjustReason, EntryKind, SerialNumber, SerialState, StockHold
from inventory.services import LeavingLine, withdraw_stock
from purchasing.events import ReceiptUndone
from purchasing.models import GoodsReceipt, GoodsReceiptLine, InspectionState, PurchaseOrderLine, PurchaseState
from purchasing.policies import can_undo_receipts
from purchasing.services.invoicing.entering import rematch_invoices
from purchasing.services.ordering.orders import check_right, lock_purchase_order
from purchasing.services.receiving.arriving import refresh_received_state
from staff.models import User

Place = tuple[int, int | None]  # variant, lot


@transaction.atomic
def undo_receipt(*, receipt_id: int, reason: str, actor: User | None = None) -> GoodsReceipt:
    """Take the pieces of a receipt out of stock again, expect them once more, and return the receipt.

    InvalidTransition when it is undone already; InvalidInput without a reason, or when its pieces are not all there any
    more (sold, reserved, disposed of, sent back); NotAllowed without the right to receive and to adjust stock.
    """
    check_right(can_undo_receipts, actor)
    order = lock_purchase_order(GoodsReceipt.objects.values_list("order", flat=True).get(pk=receipt_id))
    receipt = GoodsReceipt.objects.select_for_update(no_key=True).get(pk=receipt_id)
    if receipt.undone_at is not None:
        raise InvalidTransition(_("This receipt is undone already."))
    if not reason.strip():
        raise InvalidInput(_("Say why the receipt is undone."))
    lines = list(receipt.lines.select_related("order_line"))
    leaving = _leaving(receipt, lines)
    if leaving:
        receipt.undo_entry = withdraw_stock(
            kind=EntryKind.ADJUSTMENT, lines=leaving, reason=reason.strip()[:200], reason_code=AdjustReason.MISBOOKED,
            reference=receipt.number, actor=actor,
        )  # fmt: skip
    receipt.undone_at, receipt.undone_by, receipt.undo_reason = timezone.now(), actor, reason.strip()[:200]
    receipt.save(update_fields=["undo_entry", "undone_at", "undone_by", "undo_reason"])
    GoodsReceiptLine.objects.filter(receipt=receipt, inspection=InspectionState.WAITING).update(
        inspection=InspectionState.NONE
    )
    ordered = {line.pk: line for line in order.lines.all()}
    for line in lines:
        ordered[line.order_line_id].received -= line.taken
    if order.state == PurchaseState.CLOSED:  # nothing more is expected of it, these pieces neither
        for ordered_line in ordered.values():
            ordered_line.given_up = max(0, ordered_line.quantity - ordered_line.received)
    PurchaseOrderLine.objects.bulk_update(ordered.values(), ["received", "given_up"])
    refresh_received_state(order, list(ordered.values()))
    rematch_invoices(order.pk)
    fact = ReceiptUndone(order_id=order.pk, receipt_id=receipt.pk, number=receipt.number, reason=receipt.undo_reason)
    record(fact, subject=order, actor=actor)
    return receipt


def _leaving(receipt: GoodsReceipt, lines: Sequence[GoodsReceiptLine]) -> list[LeavingLine]:
    """Return what leaves: out of the receipt's own holds what is held, of the lot what is for sale."""
    free: dict[Place, int] = defaultdict(int)
    held: dict[Place, int] = defaultdict(int)
    for line in lines:
        place = line.order_line.variant_id, line.lot_id
        waits = line.to_inspect if line.inspection == InspectionState.WAITING else line.failed
        held[place] += line.damaged + waits
        free[place] += line.accepted + line.to_inspect - waits
    serials = _serials(receipt)
    found: list[LeavingLine] = []
    for hold in StockHold.objects.filter(reference=receipt.number).select_related("stock_item").order_by("pk"):
        place = hold.stock_item.variant_id, hold.lot_id
        pieces = min(hold.held, held[place])
        if pieces:
            held[place] -= pieces
            found.append(
                LeavingLine(
                    variant_id=place[0], warehouse_id=receipt.warehouse_id, quantity=pieces, hold_id=hold.pk,
                    serials=serials.pop(place[0], ()),
                )
            )  # fmt: skip
    if any(held.values()):
        raise InvalidInput(_("Pieces of this receipt that were held are gone. Adjust the stock instead."))
    found += [
        LeavingLine(
            variant_id=variant_id, warehouse_id=receipt.warehouse_id, quantity=pieces, lot_id=lot_id,
            serials=serials.pop(variant_id, ()),
        )
        for (variant_id, lot_id), pieces in free.items()
        if pieces
    ]  # fmt: skip
    return found


def _serials(receipt: GoodsReceipt) -> dict[int, tuple[str, ...]]:
    """Return the numbers that came with the receipt and are still in stock, by variant."""
    numbers: dict[int, list[str]] = defaultdict(list)
    rows = SerialNumber.objects.filter(entry=receipt.entry_id, state=SerialState.IN_STOCK)
    if receipt.entry_id is not None:
        for variant_id, number in rows.order_by("pk").values_list("variant_id", "number"):
            numbers[variant_id].append(number)
    return {variant_id: tuple(found) for variant_id, found in numbers.items()}
