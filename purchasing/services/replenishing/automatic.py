"""Orders that nobody has to press a button for: where class or rule and the supplier allow it, within the budget."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.utils import timezone

from core.errors import DomainError, InvalidInput
from purchasing.models import ProposalState, PurchaseOrder, PurchaseState, ReorderProposal, Supplier
from purchasing.selectors.budgets import Purse, budget_uses, over_budget
from purchasing.selectors.proposals import open_proposals
from purchasing.services.ordering.approving import submit_purchase_order
from purchasing.services.ordering.mailing import send_purchase_order
from purchasing.services.replenishing.deciding import order_proposals
from purchasing.services.replenishing.filling import fill_up_automatically
from staff.models import Topic
from staff.selectors.roles import users_with_permission
from staff.services.notifications.notifying import Telling, notify_many

logger = logging.getLogger(__name__)
RIGHT = "purchasing.approve_purchaseorder"  # who is told what was ordered


@dataclass(slots=True)
class AutomaticOrders:
    """What became of a night's automatic proposals; ``left`` are groups that wait for a person."""

    orders: list[PurchaseOrder] = field(default_factory=list)
    left: int = 0


def order_automatically(*, today: date | None = None) -> AutomaticOrders:
    """Order, hand in and send what may be ordered without a person; managers are told each order.

    One order for each supplier and warehouse, each in its own transaction. What does not reach the supplier's minimum
    order is filled up with what is needed next, as far as the budget goes after all that is proposed. An order above
    its currency's limit waits for approval. What is over the month's budget, has no price, or cannot be filled up
    stays proposed. Run again it orders nothing twice: ordered proposals are closed.
    """
    today = today or timezone.localdate()
    rows = list(
        ReorderProposal.objects.filter(
            state=ProposalState.OPEN,
            figures__is_automatic=True,
            amount__isnull=False,
            item__is_active=True,
            item__supplier__is_active=True,
            item__supplier__may_order_automatically=True,
        )
        .select_related("item__supplier")
        .order_by("pk")
    )
    over = over_budget(rows, today=today)
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in rows:
        if row.pk not in over and row.item is not None:
            groups[row.item.supplier_id, row.warehouse_id].append(row.pk)
    done = AutomaticOrders()
    for (supplier_id, warehouse_id), ids in sorted(groups.items()):
        try:
            done.orders.append(_order(supplier_id, warehouse_id, ids, today))
        except DomainError as refusal:
            done.left += 1
            logger.info(
                "not ordered supplier=%s warehouse=%s reason=%s", supplier_id, warehouse_id, type(refusal).__name__
            )
    return done


@transaction.atomic
def _order(supplier_id: int, warehouse_id: int, ids: Sequence[int], today: date) -> PurchaseOrder:
    # proposals before their supplier, as everybody who orders locks them
    group = list(ReorderProposal.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    supplier = Supplier.objects.select_for_update(no_key=True).get(pk=supplier_id)
    missing = supplier.minimum_amount - sum(row.amount or 0 for row in group)
    added: list[ReorderProposal] = []
    if missing > 0:
        purse = Purse(budget_uses(today=today), today)
        over_budget(open_proposals().select_related("item__supplier"), today=today, purse=purse)
        added = fill_up_automatically(
            supplier=supplier, warehouse_id=warehouse_id, missing=missing, purse=purse, today=today
        )
    [order] = order_proposals(proposal_ids=[*ids, *(row.pk for row in added)], is_automatic=True)
    _check_budgets(supplier, today)
    order = submit_purchase_order(order_id=order.pk)
    if order.state == PurchaseState.APPROVED and supplier.email:
        order = send_purchase_order(order_id=order.pk)
    _tell(order, len(group) + len(added), len(added))
    return order


def _check_budgets(supplier: Supplier, today: date) -> None:
    """Raise InvalidInput when what is drafted now is more than a budget holds: somebody ordered meanwhile."""
    uses = [use for use in budget_uses(today=today) if use.budget.supplier_id in (None, supplier.pk)]
    if any(use.left < 0 for use in uses):
        raise InvalidInput("over the budget")


def _tell(order: PurchaseOrder, line_count: int, added_count: int) -> None:
    if order.state == PurchaseState.TO_APPROVE:
        return  # whoever may approve it was asked when it was handed in
    data = {
        "about": f"purchasing.purchaseorder:{order.pk}",
        "number": order.number,
        "title": order.supplier.name,
        "reason": "ordered" if order.supplier.email else "order_to_send",
        "count": line_count,
        "added": added_count,
    }
    people = users_with_permission(RIGHT).order_by("pk").values_list("pk", flat=True)
    notify_many(
        tellings=[
            Telling(user_id=pk, topic=Topic.STOCK, key=f"purchase-automatic:{order.pk}", data=data) for pk in people
        ]
    )
