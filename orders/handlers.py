"""What orders do when something happened below, and what follows from their own."""

from django.db.models import Q

from catalog.selectors.bundling import with_their_bundles
from core.events import handles
from inventory.events import StockPolicySet, StockReplenished
from orders.events import OrderAllocated, OrderCancelled, OrderLineMatched, OrderPutOnHold
from orders.models import OrderLine
from orders.selectors.short import variants_of_order, with_open_oversell
from orders.services import allocate_waiting_orders, judge_oversells, triage_open_orders


@handles(StockReplenished)
def allocate_waiting(event: StockReplenished) -> None:
    """Give new stock to the orders that waited longest for it."""
    allocate_waiting_orders(variant_id=event.variant_id)
    judge_oversells(variant_ids=with_open_oversell([event.variant_id]))


@handles(OrderPutOnHold)
def find_oversells(event: OrderPutOnHold) -> None:
    """See whether something was sold that is not there."""
    judge_oversells(variant_ids=variants_of_order(event.order_id))


@handles(OrderAllocated)
def close_served(event: OrderAllocated) -> None:
    """See whether that was the last one."""
    judge_oversells(variant_ids=with_open_oversell(variants_of_order(event.order_id)))


@handles(OrderCancelled)
def close_cancelled(event: OrderCancelled) -> None:
    """See whether that was the last one."""
    judge_oversells(variant_ids=with_open_oversell(variants_of_order(event.order_id)))


@handles(OrderLineMatched)
def follow_line(event: OrderLineMatched) -> None:
    """Judge what the line means now, and what it meant before."""
    judge_oversells(variant_ids=[event.variant_id, *with_open_oversell(None)])


@handles(StockPolicySet)
def follow_policy(event: StockPolicySet) -> None:
    """Judge by what may be sold ahead now; a release date may have moved."""
    judge_oversells(variant_ids=[event.variant_id])
    sold = with_their_bundles(variant_ids=[event.variant_id])
    lines = OrderLine.objects.filter(variant__in=sold).values("order_id")
    triage_open_orders(condition=Q(pk__in=lines))
