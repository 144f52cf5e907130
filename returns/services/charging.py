"""Who was at fault pays: carriers, suppliers and partners are charged, and goods go back to suppliers."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput
from core.events import record
from core.money import format_money
from inventory.models import StockHold
from orders.models import ReturnCondition
from orders.services.batches import check_right
from purchasing.models import SupplierReturn
from purchasing.services import PiecesBack, draft_supplier_return
from returns.events import ReturnCharged
from returns.models import CHARGE_TRANSITIONS, ChargedParty, ChargeState, ReturnCharge, ReturnRequest
from returns.policies import can_settle_charges
from staff.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Whom we charge, how much (minor units of the case's currency), and why."""

    party: ChargedParty
    amount: int
    reason: str
    supplier_id: int | None = None
    party_name: str = ""


@transaction.atomic
def charge_for_case(*, request_id: int, claimed: Claimed, actor: User | None = None) -> ReturnCharge:
    """Ask a carrier, a supplier or a partner to pay for a case, and return the charge.

    InvalidInput for no amount, no reason, or nobody; NotAllowed without the right.
    """
    check_right(can_settle_charges, actor)
    request = ReturnRequest.objects.get(pk=request_id)
    if claimed.amount <= 0:
        raise InvalidInput(_("Write an amount above zero."))
    if not claimed.reason.strip():
        raise InvalidInput(_("Say what they are charged for."))
    is_supplier = claimed.party == ChargedParty.SUPPLIER
    if (claimed.supplier_id is None) if is_supplier else not claimed.party_name.strip():
        raise InvalidInput(_("Say who is charged."))
    charge = ReturnCharge.objects.create(
        request=request,
        party=claimed.party,
        supplier_id=claimed.supplier_id if is_supplier else None,
        party_name="" if is_supplier else claimed.party_name.strip()[:120],
        currency=request.currency,
        amount=claimed.amount,
        reason=claimed.reason.strip()[:300],
        created_by=actor,
    )
    _record(charge, actor)
    return charge


@transaction.atomic
def answer_charge(
    *, charge_id: int, state: ChargeState, answer: str = "", paid: int = 0, actor: User | None = None
) -> ReturnCharge:
    """Write down what became of a charge (accepted, refused, paid with how much), and return it.

    InvalidTransition where that does not follow; InvalidInput for a payment of nothing or more than was asked, and a
    refusal without their answer; NotAllowed without the right.
    """
    check_right(can_settle_charges, actor)
    charge = ReturnCharge.objects.select_for_update(no_key=True, of=("self",)).get(pk=charge_id)
    CHARGE_TRANSITIONS.check(ChargeState(charge.state), state)
    if state == ChargeState.PAID and not 0 < paid <= charge.amount:
        limit = format_money(charge.amount, charge.currency)
        raise InvalidInput(_("Write what was paid, at most %(limit)s.") % {"limit": limit})
    if state == ChargeState.REFUSED and not answer.strip():
        raise InvalidInput(_("Write what they answered."))
    charge.state, charge.paid_amount = state, paid if state == ChargeState.PAID else 0
    charge.answer = answer.strip()[:300] or charge.answer
    charge.save(update_fields=["state", "paid_amount", "answer", "changed_at"])
    _record(charge, actor)
    return charge


@transaction.atomic
def draft_return_to_supplier(*, charge_id: int, actor: User | None = None) -> SupplierReturn:
    """Draft the return of the case's damaged pieces to the supplier who is charged, and return the document.

    What they credit is followed there. Conflict when it was drafted before; InvalidInput when the charge is not a
    supplier's or no damaged piece is held; NotAllowed without the right to either.
    """
    check_right(can_settle_charges, actor)
    charge = ReturnCharge.objects.select_for_update(no_key=True, of=("self",)).get(pk=charge_id)
    if charge.supplier_id is None:
        raise InvalidInput(_("Goods go back to suppliers only."))
    if charge.supplier_return_id is not None:
        raise Conflict(_("It is drafted already. Reload the page."))
    holds = held_bad_pieces(request_id=charge.request_id)
    if not holds:
        raise InvalidInput(_("No damaged piece of this case is held here."))
    places = {hold.stock_item.warehouse_id for hold in holds}
    place = min(places)
    document = draft_supplier_return(
        supplier_id=charge.supplier_id,
        warehouse_id=place,
        lines=[
            PiecesBack(variant_id=hold.stock_item.variant_id, quantity=hold.held, hold_id=hold.pk)
            for hold in holds
            if hold.stock_item.warehouse_id == place
        ],
        reason=f"{charge.request.number}: {charge.reason}"[:200],
        actor=actor,
    )
    charge.supplier_return = document
    charge.save(update_fields=["supplier_return", "changed_at"])
    return document


def held_bad_pieces(*, request_id: int) -> Sequence[StockHold]:
    """Return what of a case lies in a hold as damaged or opened."""
    numbers = ReturnRequest.objects.filter(pk=request_id).values("lines__return_record__number")
    kinds = [ReturnCondition.DAMAGED.value, ReturnCondition.OPENED.value]  # holds are called as the conditions are
    rows = StockHold.objects.filter(reference__in=numbers, kind__in=kinds, quantity__gt=F("released"))
    return list(rows.select_related("stock_item").order_by("pk"))


def _record(charge: ReturnCharge, actor: User | None) -> None:
    fact = ReturnCharged(
        request_id=charge.request_id,
        number=charge.request.number,
        charge_id=charge.pk,
        party=charge.party,
        state=charge.state,
        amount=charge.paid_amount or charge.amount,
        currency=charge.currency,
    )
    record(fact, subject=charge.request, actor=actor)
