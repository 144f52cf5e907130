"""What goes back to a supplier is written down: out of holds, of a lot, or whatever is for sale."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import InvalidInput, InvalidTransition
from core.events import record
from core.sequences import document_number, next_numbers
from inventory.models import StockHold
from purchasing.events import SupplierReturnCancelled, SupplierReturnDrafted, SupplierReturnEdited
from purchasing.models import ReturnState, Supplier, SupplierReturn, SupplierReturnLine
from purchasing.policies import can_return_to_suppliers
from purchasing.selectors.returns import latest_bought, usual_prices
from purchasing.services.ordering.orders import MOST_PIECES, MOST_PRICE, check_right
from staff.models import User

SERIES = "purchasing.return"


@dataclass(frozen=True, slots=True, kw_only=True)
class PiecesBack:
    """Pieces that go back; without ``unit_price`` (minor units) at what the supplier usually asks."""

    variant_id: int
    quantity: int
    hold_id: int | None = None
    lot_id: int | None = None
    unit_price: int | None = None


def draft_supplier_return(
    *,
    supplier_id: int,
    warehouse_id: int,
    lines: Sequence[PiecesBack],
    reason: str,
    key: str = "",
    actor: User | None = None,
) -> SupplierReturn:
    """Write down what goes back and return it; stock stays until it is sent. The same ``key`` drafts once.

    InvalidInput for no pieces, without a reason, or a hold of another product or warehouse; NotAllowed without the
    right.
    """
    check_right(can_return_to_suppliers, actor)

    def run() -> int:
        return _draft(supplier_id, warehouse_id, lines, reason, actor).pk

    if not key:
        return SupplierReturn.objects.get(pk=run())
    parameters = {
        "supplier": supplier_id, "warehouse": warehouse_id, "lines": [asdict(line) for line in lines],
        "reason": reason,
    }  # fmt: skip
    return SupplierReturn.objects.get(pk=once(key=f"purchasing.return:{key}", parameters=parameters, run=run))


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _draft(
    supplier_id: int, warehouse_id: int, lines: Sequence[PiecesBack], reason: str, actor: User | None
) -> SupplierReturn:
    supplier = Supplier.objects.get(pk=supplier_id)
    if not reason.strip():
        raise InvalidInput(_("Say why the goods go back."))
    _check(lines, warehouse_id)
    [value] = next_numbers(series=SERIES)
    document = SupplierReturn.objects.create(
        number=document_number("SR", value), supplier=supplier, warehouse_id=warehouse_id,
        reason=reason.strip()[:200], currency=supplier.currency, created_by=actor,
    )  # fmt: skip
    _write_lines(document, lines)
    fact = SupplierReturnDrafted(
        return_id=document.pk, number=document.number, piece_count=sum(line.quantity for line in lines)
    )
    record(fact, subject=document, actor=actor)
    return document


@transaction.atomic
def edit_supplier_return(
    *, return_id: int, lines: Sequence[PiecesBack], reason: str, actor: User | None = None
) -> SupplierReturn:
    """Write these lines and this reason instead of the draft's own and return it.

    InvalidTransition unless it is a draft; InvalidInput as for a new one; NotAllowed without the right.
    """
    check_right(can_return_to_suppliers, actor)
    document = lock_return(return_id, ReturnState.DRAFT)
    if not reason.strip():
        raise InvalidInput(_("Say why the goods go back."))
    _check(lines, document.warehouse_id)
    document.lines.all().delete()
    _write_lines(document, lines)
    document.reason = reason.strip()[:200]
    document.save(update_fields=["reason"])
    fact = SupplierReturnEdited(
        return_id=document.pk, number=document.number, piece_count=sum(line.quantity for line in lines)
    )
    record(fact, subject=document, actor=actor)
    return document


def _write_lines(document: SupplierReturn, lines: Sequence[PiecesBack]) -> None:
    variant_ids = {line.variant_id for line in lines}
    bought = latest_bought(supplier=document.supplier, variant_ids=variant_ids)
    prices = usual_prices(supplier=document.supplier, variant_ids=variant_ids)
    holds = StockHold.objects.in_bulk([line.hold_id for line in lines if line.hold_id])
    SupplierReturnLine.objects.bulk_create(
        SupplierReturnLine(
            supplier_return=document,
            variant_id=line.variant_id,
            hold_id=line.hold_id,
            lot_id=holds[line.hold_id].lot_id if line.hold_id else line.lot_id,
            order_line=bought.get(line.variant_id),
            quantity=line.quantity,
            unit_price=prices.get(line.variant_id, 0) if line.unit_price is None else line.unit_price,
        )
        for line in lines
    )


def _check(lines: Sequence[PiecesBack], warehouse_id: int) -> None:
    if not lines or not all(0 < line.quantity <= MOST_PIECES for line in lines):
        raise InvalidInput(_("Write how many pieces go back, at least one."))
    if not all(line.unit_price is None or 0 <= line.unit_price <= MOST_PRICE for line in lines):
        raise InvalidInput(_("A price cannot be used. Write an amount from 0 on."))
    named = [line for line in lines if line.hold_id is not None]
    holds = StockHold.objects.select_related("stock_item").in_bulk([line.hold_id for line in named])
    for line in named:
        hold = holds.get(line.hold_id)
        place = (hold.stock_item.variant_id, hold.stock_item.warehouse_id) if hold else None
        if place != (line.variant_id, warehouse_id):
            raise InvalidInput(_("This hold is of another product or warehouse. Reload the page."))


@transaction.atomic
def cancel_supplier_return(*, return_id: int, actor: User | None = None) -> SupplierReturn:
    """Drop a draft: the goods stay. InvalidTransition once they were sent; NotAllowed without the right."""
    check_right(can_return_to_suppliers, actor)
    document = lock_return(return_id, ReturnState.DRAFT)
    document.state = ReturnState.CANCELLED
    document.save(update_fields=["state"])
    fact = SupplierReturnCancelled(return_id=document.pk, number=document.number)
    record(fact, subject=document, actor=actor)
    return document


def lock_return(return_id: int, state: ReturnState) -> SupplierReturn:
    """Return the document, locked until the transaction ends; InvalidTransition unless it is in this state."""
    document = SupplierReturn.objects.select_for_update(no_key=True, of=("self",)).get(pk=return_id)
    if document.state != state:
        raise InvalidTransition(
            _("This return is “%(state)s”. Reload the page.") % {"state": document.get_state_display()}
        )
    return document
