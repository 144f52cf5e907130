"""What is added to an order so that the supplier's minimum is reached: what comes nearest to its reorder point."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from purchasing.models import ProposalState, ReorderProposal, Supplier
from purchasing.policies import can_write_purchase_orders
from purchasing.services.replenishing.gathering import Case, cases, reorderable
from purchasing.services.replenishing.levels import Level, level_of
from purchasing.services.replenishing.proposing import (
    MOST_DAYS,
    demand_of,
    fill_proposal,
    stock_of,
    terms_of,
    wish_of,
)
from purchasing.services.replenishing.rounding import amount_of
from staff.models import User


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
    day = today or timezone.localdate()
    missing = supplier.minimum_amount - _proposed(supplier, warehouse_id)
    if missing <= 0:
        raise InvalidInput(_("The supplier's minimum order is reached."))
    added: list[ReorderProposal] = []
    for days, case, level in sorted(_candidates(supplier, warehouse_id, day), key=lambda one: one[0]):
        if missing <= 0:
            break
        amount = amount_of(
            wanted=level.order_up_to - stock_of(case).position, terms=terms_of(case), daily=case.daily,
            most_days=MOST_DAYS,
        )  # fmt: skip
        if not amount.unit_price:
            continue
        row = ReorderProposal(variant=case.variant, warehouse_id=warehouse_id)
        fill_proposal(row, case, level, amount)
        wanted = level.order_up_to - stock_of(case).position
        row.figures |= {"filled_up_days": max(0, round(days)), "wanted": wanted}
        row.save()
        added.append(row)
        missing -= row.amount or 0
    if not added:
        raise InvalidInput(_("Nothing else of this supplier is sold that could be ordered with it."))
    return Filled(proposals=added, missing=max(0, missing))


def _proposed(supplier: Supplier, warehouse_id: int) -> int:
    rows = ReorderProposal.objects.filter(
        state=ProposalState.OPEN, item__supplier=supplier, warehouse=warehouse_id, amount__isnull=False
    )
    return int(rows.aggregate(total=Sum("amount"))["total"] or 0)


def _candidates(supplier: Supplier, warehouse_id: int, today: date) -> Iterator[tuple[float, Case, Level]]:
    """Give (days until its reorder point, case, level) of what sells and is not proposed there yet."""
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
            yield (position - level.reorder_point) / case.daily, case, level
