"""Orders arrive: from files, connectors and the demo, thousands at once, again and again."""

from collections.abc import Sequence

from django.db import transaction

from catalog.models import SalesChannel
from core.events import Event, record_many
from core.models import RowOutcome
from core.sequences import next_numbers
from customers.services.identifying import identify_customers
from orders.events import OrderPlaced
from orders.models import OPEN_STATUSES, Order
from orders.services.intake.arrivals import buyer_of, match_goods
from orders.services.intake.changes import change_orders
from orders.services.intake.drafts import OrderDraft, Placed
from orders.services.intake.inserting import Arrival, insert_orders
from orders.services.triage.sorting import triage_orders
from staff.models import User

SERIES = "orders.order"


@transaction.atomic
def place_orders(
    *,
    drafts: Sequence[OrderDraft],
    sales_channel_id: int,
    as_history: bool = False,
    create_missing_variants: bool = False,
    actor: User | None = None,
) -> list[Placed]:
    """Make the drafts true and return what became of each, in their order; one delivered again changes what changed.

    An order is known by (sales channel, external number), a line by (order, external id). ``as_history``: what has left
    at its source, or says nothing, becomes shipped with its shipment and moves no stock. Empty values never empty ours.
    ValueError when two drafts are the same order.

    1. Lock the series of order numbers: intakes run one after the other, so an order cannot be made twice.
    2. Lock the orders that exist (by primary key); match variants, identify customers: one statement for all.
    3. Insert new orders by COPY, change known ones in bulk. 4. Record OrderPlaced and OrderChangedAtChannel.
    5. Sort the open ones among them by the hold rules and the days before which they do not leave.
    """
    channel = SalesChannel.objects.get(pk=sales_channel_id)
    next_numbers(series=SERIES, count=0)
    numbers = [draft.external_number for draft in drafts if draft.external_number]
    if len(set(numbers)) != len(numbers):
        raise ValueError("an order occurs twice among the drafts")
    known = {
        order.external_number: order
        for order in Order.objects.select_for_update(no_key=True, of=("self",))
        .filter(sales_channel=channel, external_number__in=numbers)
        .order_by("pk")
    }
    variants = match_goods(drafts, channel, create_missing_variants=create_missing_variants)
    customers = identify_customers(buyers=[buyer_of(draft, channel) for draft in drafts])
    arrivals = [
        Arrival(draft, known.get(draft.external_number), customer)
        for draft, customer in zip(drafts, customers, strict=True)
    ]
    new = [arrival for arrival in arrivals if arrival.order is None]
    old = [arrival for arrival in arrivals if arrival.order is not None]
    placed = insert_orders(new, channel=channel, variants=variants, as_history=as_history)
    facts: list[tuple[Event, int]] = [
        (OrderPlaced(order_id=result.id, sales_channel=channel.code, status=status), result.id)
        for result, status in placed
    ]
    record_many(facts, model=Order, actor=actor)
    answers = {id(arrival): result for arrival, (result, _status) in zip(new, placed, strict=True)}
    changed = change_orders(old, channel=channel, variants=variants, as_history=as_history, actor=actor)
    answers |= {id(arrival): result for arrival, result in zip(old, changed, strict=True)}
    moved = [result.id for result in changed if result.outcome != RowOutcome.UNCHANGED.value]
    triage_orders(order_ids=[*(result.id for result, status in placed if status in OPEN_STATUSES), *moved])
    return [answers[id(arrival)] for arrival in arrivals]
