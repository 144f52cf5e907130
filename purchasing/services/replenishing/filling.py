"""What is added to an order so that the supplier's minimum is reached: what comes nearest to its reorder point."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from purchasing.models import ProposalState, ReorderProposal, Supplier
from purchasing.policies import can_write_purchase_orders
from purchasing.selectors.budgets import Purse
from purchasing.selectors.terms import price_at
from purchasing.services.replenishing.gathering import Case, cases, reorderable
from purchasing.services.replenishing.levels import Level, level_of
from purchasing.services.replenishing.proposing import (
    amount_for,
    demand_of,
    fill_proposal,
    stock_of,
    terms_of,
    wish_of,
)
from purchasing.services.replenishing.rounding import Amount, in_packs
from staff.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What could be added: in how many days it falls to its reorder point, and how many its usual order would be."""

    days: float
    wanted: int
    case: Case
    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What was added, and what is still missing to the minimum (minor units of the supplier's currency)."""

    proposals: list[ReorderProposal]
    missing: int


@transaction.atomic
def fill_up_order(
    *, supplier_id: int, warehouse_id: int, today: date | None = None, actor: User | None = None
) -> Filled:
    """Propose more of the supplier's goods for this warehouse until its minimum order is reached.

    What reaches its reorder point first comes first, each up to its usual order. The next night takes back what nobody
    ordered. NotAllowed without the right to order; InvalidInput when the minimum is reached, or when nothing else of
    the supplier sells.
    """
    if actor is not None and not can_write_purchase_orders(actor):
        raise NotAllowed(_("You may not order from suppliers. Ask somebody of purchasing."))
    supplier = Supplier.objects.select_for_update(no_key=True).get(pk=supplier_id)  # of two who fill up one waits
    missing = supplier.minimum_amount - _proposed(supplier, warehouse_id)
    if missing <= 0:
        raise InvalidInput(_("The supplier's minimum order is reached."))
    candidates = _candidates(supplier, warehouse_id, today or timezone.localdate())
    added = [_save(*one) for one in _chosen(candidates, missing)]
    if not added:
        raise InvalidInput(_("Nothing else of this supplier is sold that could be ordered with it."))
    return Filled(proposals=added, missing=max(0, missing - sum(row.amount or 0 for row in added)))


def fill_up_automatically(
    *, supplier: Supplier, warehouse_id: int, missing: int, purse: Purse, today: date
) -> list[ReorderProposal]:
    """Propose as a buyer would what is missing to the minimum order, or raise InvalidInput; inside a transaction.

    Only what may be ordered without a person and falls to its reorder point within the days that one order of it lasts,
    what is nearest first, each up to its usual order, or what of it reaches the minimum when the purse holds no more.
    """
    candidates = [
        one
        for one in _candidates(supplier, warehouse_id, today)
        if one.case.is_automatic and one.days <= one.case.cover_days
    ]
    added = [_save(*one) for one in _chosen(candidates, missing, supplier, purse)]
    if sum(row.amount or 0 for row in added) < missing:
        raise InvalidInput("nothing that is needed soon reaches the minimum")  # read by nobody: the page shows it
    return added


def _chosen(
    candidates: Iterable[Candidate], missing: int, supplier: Supplier | None = None, purse: Purse | None = None
) -> Iterator[tuple[Candidate, Amount]]:
    """Give what to add, the nearest first, until nothing is missing."""
    for one in sorted(candidates, key=lambda one: one.days):
        if missing <= 0:
            return
        amount: Amount | None = amount_for(one.case, one.wanted)
        if supplier is not None and purse is not None and amount is not None:
            amount = _within(amount, one, missing, supplier, purse)
        if amount is None or not amount.unit_price:
            continue
        yield one, amount
        missing -= amount.quantity * amount.unit_price


def _within(amount: Amount, one: Candidate, missing: int, supplier: Supplier, purse: Purse) -> Amount | None:
    """Spend the usual order, or only what of it reaches the minimum; None where the purse does not hold that."""
    if amount.unit_price is None:
        return None
    terms = terms_of(one.case)
    least = in_packs(-(-missing // amount.unit_price), terms) if amount.unit_price else amount.quantity
    for quantity in (amount.quantity, least):
        price = price_at(terms.prices, quantity)
        if price and quantity <= amount.quantity and purse.take(quantity * price, supplier):
            return Amount(quantity, price, amount.notes)
    return None


def _save(one: Candidate, amount: Amount) -> ReorderProposal:
    row = ReorderProposal(variant=one.case.variant, warehouse_id=one.case.warehouse_id)
    fill_proposal(row, one.case, one.level, amount)
    row.figures |= {"filled_up_days": max(0, round(one.days)), "wanted": one.wanted}
    row.save()
    return row


def _proposed(supplier: Supplier, warehouse_id: int) -> int:
    rows = ReorderProposal.objects.filter(
        state=ProposalState.OPEN, item__supplier=supplier, warehouse=warehouse_id, amount__isnull=False
    )
    return int(rows.aggregate(total=Sum("amount"))["total"] or 0)


def _candidates(supplier: Supplier, warehouse_id: int, today: date) -> Iterator[Candidate]:
    """Give what sells, is not proposed there yet, and has room below its order-up-to level."""
    ids = supplier.items.filter(is_active=True).values_list("variant_id", flat=True)
    open_states = (ProposalState.OPEN, ProposalState.SNOOZED)
    known = set(
        ReorderProposal.objects.filter(variant_id__in=ids, warehouse=warehouse_id, state__in=open_states).values_list(
            "variant_id", flat=True
        )
    )
    for case in cases(reorderable(variant_ids=set(ids) - known), today=today):
        if case.warehouse_id != warehouse_id or case.daily <= 0 or case.item is None:
            continue
        level = level_of(demand=demand_of(case), stock=stock_of(case), wish=wish_of(case), today=today)
        position = stock_of(case).position
        if case.item.supplier_id == supplier.pk and level.order_up_to > position:
            days = (position - level.reorder_point) / case.daily
            yield Candidate(days=days, wanted=level.order_up_to - position, case=case, level=level)
