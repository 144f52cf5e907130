"""What it cost beside the goods to get them here, shared out over the pieces of a receipt."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import InvalidInput, InvalidTransition
from core.events import record
from core.money import Currency, split
from purchasing.events import LandedCostAdded, LandedCostWithdrawn
from purchasing.models import (
    GoodsReceipt,
    GoodsReceiptLine,
    LandedCost,
    LandedCostBasis,
    LandedCostKind,
    LandedCostShare,
)
from purchasing.policies import can_add_landed_costs
from purchasing.selectors.rates import in_shop_currency, rate_on
from purchasing.services.ordering.orders import check_right
from staff.models import User

MOST = 10**15


def add_landed_cost(
    *,
    receipt_id: int,
    kind: str,
    basis: str,
    amount: int,
    currency: str,
    reference: str = "",
    key: str = "",
    actor: User | None = None,
) -> LandedCost:
    """Share an amount (minor units) out over the pieces that a receipt took in, and return it.

    It is converted at the rate of the day they came; whole minor units of the shop's currency, which add up. What is
    sold already becomes cost of sales when stock is valued next. The same ``key`` adds it once. InvalidInput without a
    rate, for no amount, or by weight where a weight is missing; InvalidTransition for a receipt that was undone or took
    nothing in; NotAllowed without the right.
    """
    check_right(can_add_landed_costs, actor)

    def run() -> int:
        return _add(receipt_id, kind, basis, amount, currency, reference, actor).pk

    if not key:
        return LandedCost.objects.get(pk=run())
    parameters = {"receipt": receipt_id, "kind": kind, "basis": basis, "amount": amount, "currency": currency}
    return LandedCost.objects.get(pk=once(key=f"purchasing.landed:{key}", parameters=parameters, run=run))


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _add(
    receipt_id: int, kind: str, basis: str, amount: int, currency: str, reference: str, actor: User | None
) -> LandedCost:
    _check(kind, basis, amount, currency)
    receipt = GoodsReceipt.objects.select_for_update(no_key=True, of=("self",)).get(pk=receipt_id)
    lines = [line for line in receipt.lines.select_related("order_line__variant") if line.taken]
    if receipt.undone_at is not None or not lines:
        raise InvalidTransition(_("Nothing of this receipt is in stock, so it carries no costs."))
    day = timezone.localdate(receipt.received_at)
    rate = rate_on(currency=currency, day=day)
    if rate is None:
        raise InvalidInput(
            _("There is no exchange rate of %(currency)s for %(day)s. Write one first.")
            % {"currency": currency, "day": day.isoformat()}
        )
    cost = LandedCost.objects.create(
        receipt=receipt, kind=kind, basis=basis, amount=amount, currency=currency,
        in_shop_currency=in_shop_currency(amount, currency, rate), reference=reference.strip(), created_by=actor,
    )  # fmt: skip
    shares = split(cost.in_shop_currency, _weights(basis, lines))
    for line, share in zip(lines, shares, strict=True):
        line.landed += share
    GoodsReceiptLine.objects.bulk_update(lines, ["landed"])
    LandedCostShare.objects.bulk_create(
        LandedCostShare(cost=cost, line=line, amount=share) for line, share in zip(lines, shares, strict=True)
    )
    fact = LandedCostAdded(order_id=receipt.order_id, receipt_id=receipt.pk, number=receipt.number, kind=kind)
    record(fact, subject=receipt.order, actor=actor)
    return cost


@transaction.atomic
def withdraw_landed_cost(*, landed_cost_id: int, reason: str, actor: User | None = None) -> LandedCost:
    """Take a wrong cost off the pieces of its receipt again and return it; the cost stays, marked with the reason.

    What stock knows of it is corrected by a further cost entry when stock is valued next; what concerned pieces that
    are sold comes off the cost of sales. InvalidTransition when it is withdrawn already; InvalidInput without a reason;
    NotAllowed without the right.
    """
    check_right(can_add_landed_costs, actor)
    receipt_id = LandedCost.objects.values_list("receipt", flat=True).get(pk=landed_cost_id)
    receipt = GoodsReceipt.objects.select_for_update(no_key=True, of=("self",)).get(pk=receipt_id)
    cost = LandedCost.objects.get(pk=landed_cost_id)
    if cost.withdrawn_at is not None:
        raise InvalidTransition(_("This cost is withdrawn already."))
    if not reason.strip():
        raise InvalidInput(_("Say why the cost is withdrawn."))
    for share in cost.shares.order_by("line_id"):
        GoodsReceiptLine.objects.filter(pk=share.line_id).update(landed=F("landed") - share.amount)
    cost.withdrawn_at, cost.withdrawn_by, cost.withdraw_reason = timezone.now(), actor, reason.strip()[:200]
    cost.save(update_fields=["withdrawn_at", "withdrawn_by", "withdraw_reason"])
    fact = LandedCostWithdrawn(
        order_id=receipt.order_id, receipt_id=receipt.pk, number=receipt.number, kind=cost.kind,
        reason=cost.withdraw_reason,
    )  # fmt: skip
    record(fact, subject=receipt.order, actor=actor)
    return cost


def _check(kind: str, basis: str, amount: int, currency: str) -> None:
    known = kind in LandedCostKind.values and basis in LandedCostBasis.values and currency in Currency.values
    if not known or not 0 < amount < MOST:
        raise InvalidInput(_("Choose what the cost is for and write an amount above 0."))


def _weights(basis: str, lines: Sequence[GoodsReceiptLine]) -> list[int]:
    if basis == LandedCostBasis.QUANTITY:
        return [line.taken for line in lines]
    if basis == LandedCostBasis.VALUE:
        return [line.taken * line.order_line.unit_price for line in lines]
    if missing := [line.order_line.variant.sku for line in lines if not line.order_line.variant.weight_g]:
        raise InvalidInput(
            _("These have no weight: %(skus)s. Write it, or share by value or pieces.") % {"skus": ", ".join(missing)}
        )
    return [line.taken * (line.order_line.variant.weight_g or 0) for line in lines]
