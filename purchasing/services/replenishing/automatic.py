"""Orders that nobody has to press a button for: where class or rule and the supplier allow it, within the budget."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from core.errors import DomainError, InvalidInput
from purchasing.models import ProposalState, PurchaseOrder, PurchaseState, ReorderProposal
from purchasing.selectors.budgets import over_budget
from purchasing.services.ordering.approving import submit_purchase_order
from purchasing.services.ordering.mailing import send_purchase_order
from purchasing.services.replenishing.deciding import order_proposals
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

    One order for each supplier and warehouse, each in its own transaction. An order above its currency's limit waits
    for approval. What is over the month's budget, has no price, or does not reach the supplier's minimum order stays
    proposed. Run again it orders nothing twice: ordered proposals are closed.
    """
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
    groups: dict[tuple[int, int], list[ReorderProposal]] = defaultdict(list)
    for row in rows:
        if row.pk not in over and row.item is not None:
            groups[row.item.supplier_id, row.warehouse_id].append(row)
    done = AutomaticOrders()
    for (supplier_id, warehouse_id), group in sorted(groups.items()):
        try:
            done.orders.append(_order(group))
        except DomainError as refusal:
            done.left += 1
            logger.info(
                "not ordered supplier=%s warehouse=%s reason=%s", supplier_id, warehouse_id, type(refusal).__name__
            )
    return done


@transaction.atomic
def _order(group: Sequence[ReorderProposal]) -> PurchaseOrder:
    supplier = group[0].item.supplier if group[0].item else None
    if supplier is None or sum(row.amount or 0 for row in group) < supplier.minimum_amount:
        raise InvalidInput("below the supplier's minimum")  # read by nobody: the page of proposals says it
    [order] = order_proposals(proposal_ids=[row.pk for row in group], is_automatic=True)
    order = submit_purchase_order(order_id=order.pk)
    if order.state == PurchaseState.APPROVED and supplier.email:
        order = send_purchase_order(order_id=order.pk)
    _tell(order, len(group))
    return order


def _tell(order: PurchaseOrder, line_count: int) -> None:
    waits = order.state == PurchaseState.TO_APPROVE
    data = {
        "about": f"purchasing.purchaseorder:{order.pk}",
        "number": order.number,
        "title": order.supplier.name,
        "reason": "order_to_approve" if waits else "ordered" if order.supplier.email else "order_to_send",
        "count": line_count,
    }
    people = users_with_permission(RIGHT).order_by("pk").values_list("pk", flat=True)
    notify_many(
        tellings=[
            Telling(user_id=pk, topic=Topic.STOCK, key=f"purchase-automatic:{order.pk}", data=data) for pk in people
        ]
    )
