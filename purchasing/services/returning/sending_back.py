"""Goods leave for a supplier, and what the supplier credits for them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.events import record
from inventory.models import EntryKind, SerialNumber
from inventory.services import LeavingLine, withdraw_stock
from purchasing.events import SupplierReturnCredited, SupplierReturnSent
from purchasing.models import ReturnState, SupplierReturn, SupplierReturnLine
from purchasing.policies import can_credit_returns, can_return_to_suppliers
from purchasing.services.ordering.orders import MOST_PRICE, check_right
from purchasing.services.returning.drafting import lock_return
from staff.models import User


@transaction.atomic
def send_supplier_return(*, return_id: int, serials: Sequence[str] = (), actor: User | None = None) -> SupplierReturn:
    """Take the pieces out of stock, those in holds freed and gone at once, and return the document.

    InvalidTransition unless it is a draft; InvalidInput when pieces are not there or not free any more; NotAllowed
    without the right. ``serials``: numbers of pieces whose product asks for them, of all lines together.
    """
    check_right(can_return_to_suppliers, actor)
    document = lock_return(return_id, ReturnState.DRAFT)
    rows = list(document.lines.order_by("pk"))
    numbers = _numbers_of(rows, serials)
    document.entry = withdraw_stock(
        kind=EntryKind.SENT_BACK,
        lines=[
            LeavingLine(
                variant_id=row.variant_id, warehouse_id=document.warehouse_id, quantity=row.quantity,
                hold_id=row.hold_id, lot_id=None if row.hold_id else row.lot_id,
                serials=numbers.pop(row.variant_id, ()),
            )
            for row in rows
        ],
        reason=document.reason,
        reference=document.number,
        actor=actor,
    )  # fmt: skip
    document.state, document.sent_at = ReturnState.SENT, timezone.now()
    document.save(update_fields=["state", "sent_at", "entry"])
    fact = SupplierReturnSent(return_id=document.pk, number=document.number, entry=document.entry.number)
    record(fact, subject=document, actor=actor)
    return document


def _numbers_of(rows: Sequence[SupplierReturnLine], serials: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """Return the numbers of each product; InvalidInput for one that no returned product has, or more than one."""
    found: dict[int, list[str]] = defaultdict(list)
    wanted = SerialNumber.objects.filter(variant__in={row.variant_id for row in rows}, number__in=serials)
    for variant_id, number in wanted.order_by("pk").values_list("variant_id", "number"):
        found[variant_id].append(number)
    counted = Counter(number for numbers in found.values() for number in numbers)
    if wrong := [number for number in serials if counted[number] != 1]:
        raise InvalidInput(
            _("These serial numbers are not of one of the returned products: %(numbers)s")
            % {"numbers": ", ".join(wrong[:10])}
        )
    return {variant_id: tuple(numbers) for variant_id, numbers in found.items()}


@transaction.atomic
def credit_supplier_return(
    *, return_id: int, amount: int, credit_number: str, credited_on: date, actor: User | None = None
) -> SupplierReturn:
    """Write down the supplier's credit note (minor units) and return the document.

    InvalidTransition unless the goods were sent; InvalidInput for a negative amount or no number; NotAllowed without
    the right to write credit notes down.
    """
    check_right(can_credit_returns, actor)
    document = lock_return(return_id, ReturnState.SENT)
    if not 0 <= amount <= MOST_PRICE or not credit_number.strip():
        raise InvalidInput(_("Write the number of the credit note and its amount, from 0 on."))
    document.state = ReturnState.CREDITED
    document.credit, document.credit_number, document.credited_on = amount, credit_number.strip()[:80], credited_on
    document.save(update_fields=["state", "credit", "credit_number", "credited_on"])
    fact = SupplierReturnCredited(return_id=document.pk, number=document.number, credit_number=document.credit_number)
    record(fact, subject=document, actor=actor)
    return document
