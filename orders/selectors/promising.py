"""On which day waiting lines can leave: from what is there, what arrives, who waited longer, and release dates."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from catalog.selectors.bundling import bundle_contents
from inventory.outlook import arrivals_of
from inventory.selectors import promised_days, shop_day, unreleased
from orders.models import LineKind, Order, OrderLine, OrderStatus
from orders.services.allocating import SHIPPING
from orders.services.holdings import held_for


@dataclass(frozen=True, slots=True)
class Promise:
    """When all pieces of a waiting line can be there; ``day`` None: what is foreseen does not cover it."""

    day: date | None
    released_on: date | None = None  # nothing leaves before it, whatever is there
    overdue: tuple[str, ...] = ()  # documents whose pieces were expected before today and are counted for nobody


def promises_of(*, order_ids: Collection[int], today: date | None = None) -> dict[int, Promise]:
    """Return line id -> its promise, for lines of orders that wait for stock; a constant number of statements.

    Who waited longer is served first, and a bundle waits for the last of its pieces.
    """
    now = today or shop_day()
    lines = _waiting_lines(order_ids)
    bundles = bundle_contents(variant_ids={line.variant_id for line in lines if line.variant_id is not None})
    needs = {line.pk: set(bundles.get(line.variant_id or 0) or {line.variant_id or 0}) for line in lines}
    pieces = {piece for own in needs.values() for piece in own}
    if not pieces:
        return {}
    days = promised_days(variant_ids=pieces, today=now)
    released = unreleased(variant_ids=pieces | {line.variant_id or 0 for line in lines}, today=now)
    overdue: dict[int, list[str]] = defaultdict(list)
    for piece, arrivals in arrivals_of(variant_ids=pieces).items():
        overdue[piece] = [row.reference for row in arrivals if row.expected_on is not None and row.expected_on < now]
    found = {}
    for line in lines:
        own = [days.get((piece, line.order.number)) for piece in needs[line.pk]]
        wait = [day for piece in {*needs[line.pk], line.variant_id or 0} if (day := released.get(piece))]
        known = [day for day in own if day is not None]
        found[line.pk] = Promise(
            day=max([*known, *wait]) if len(known) == len(own) else None,
            released_on=max(wait, default=None),
            overdue=tuple(sorted({name for piece in needs[line.pk] for name in overdue[piece]})),
        )
    return found


def promised_for_orders(*, order_ids: Collection[int]) -> dict[int, tuple[date | None, bool]]:
    """Return order id -> (the day on which its last waiting line can leave, whether an arrival for it is overdue).

    None: what is foreseen does not cover it. Orders that wait for nothing are left out.
    """
    promises = promises_of(order_ids=order_ids)
    of_order: dict[int, list[Promise]] = defaultdict(list)
    for line_id, order_id in OrderLine.objects.filter(pk__in=promises).values_list("pk", "order"):
        of_order[order_id].append(promises[line_id])
    found: dict[int, tuple[date | None, bool]] = {}
    for order_id, own in of_order.items():
        days = [promise.day for promise in own if promise.day is not None]
        found[order_id] = (
            max(days) if len(days) == len(own) else None,
            any(promise.overdue for promise in own),
        )
    return found


def _waiting_lines(order_ids: Collection[int]) -> list[OrderLine]:
    """Return the product lines that lack pieces, of orders that wait for stock or ship in parts."""
    waiting = Q(status=OrderStatus.AWAITING_STOCK) | Q(ships_in_parts=True, status__in=SHIPPING)
    orders = Order.objects.filter(waiting, pk__in=order_ids)
    lines = OrderLine.objects.filter(order__in=orders, kind=LineKind.PRODUCT, variant__isnull=False)
    found = [line for line in lines.select_related("order").order_by("pk") if line.open_count]
    held = held_for([line.pk for line in found])
    return [line for line in found if line.open_count > sum(one.quantity for one in held.get(line.pk, ()))]
