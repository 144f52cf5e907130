"""Reservations follow the lines of an order to ship: less is free again, more is reserved or waits."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from compliance.services import Stop
from core.errors import DomainError
from core.events import record
from inventory.services import release_stock
from orders.events import OrderCompleted
from orders.models import Order, OrderLine, OrderStatus
from orders.services.allocating import SHIPPING, allocate_orders, lacking, reserve_for
from orders.services.batches import goods_of, move_orders
from orders.services.holdings import draw, held_for
from orders.services.legal.deadlines import end_shipping
from orders.services.triage.holding import end_holds
from staff.models import User


def release_surplus(order: Order, less: Mapping[int, int], actor: User | None) -> None:
    """Free so many pieces of each line (line id: pieces), as far as they are reserved; before the lines change."""
    if order.status not in SHIPPING or not less:
        return
    held = held_for(less)
    sums = {pk: sum(one.quantity for one in held.get(pk, ())) for pk in less}
    opened = {line.pk: line.open_count for line in OrderLine.objects.filter(pk__in=less)}
    # of an order that ships in parts, what waits goes first
    wanted = {pk: max(0, sums[pk] - (opened[pk] - count)) for pk, count in less.items()}
    drawn = draw(held, {pk: count for pk, count in wanted.items() if count}) or []
    release_stock(portions=[portion for one in drawn for portion in one.portions], actor=actor)


def reserve_more(order: Order, *, in_parts: bool, actor: User | None) -> None:
    """Reserve what the changed lines need; DomainError with the SKUs when it is not there and may not wait."""
    if order.status == OrderStatus.AWAITING_STOCK:
        allocate_orders(order_ids=[order.pk])  # what is left of it may be there; a refusal leaves it waiting
        return
    if order.status not in SHIPPING:
        return
    lines = goods_of([order])
    answer = _served(order, lines, actor)
    if answer is None:
        return
    if not (in_parts or order.ships_in_parts):
        raise DomainError(
            _("Not enough stock of %(skus)s. Let the rest leave later, or take less.") % {"skus": ", ".join(answer)}
        )
    order.ships_in_parts = True
    order.save(update_fields=["ships_in_parts", "updated_at"])
    reserve_for([order], lines, parts=[order.pk], actor=actor)


def _served(order: Order, lines: Mapping[int, Sequence[OrderLine]], actor: User | None) -> list[str] | None:
    """Reserve all that is open, where the rest lies if possible; return the SKUs that are short."""
    held = held_for([line.pk for line in lines.get(order.pk, ())])
    places = {one.warehouse_id for pieces in held.values() for one in pieces}
    if len(places) == 1:
        [answer] = reserve_for([order], lines, places=tuple(places), actor=actor)
        if answer.is_served:
            return None
    [answer] = reserve_for([order], lines, actor=actor)
    return None if answer.is_served else lacking(answer)


def complete_if_nothing_is_left(order: Order, actor: User | None) -> None:
    """A partly shipped order of which nothing is open any more is shipped."""
    if order.status != OrderStatus.PARTLY_SHIPPED:
        return
    if any(line.open_count for line in goods_of([order]).get(order.pk, ())):
        return
    move_orders([order.pk], OrderStatus.SHIPPED, "shipped_at", None)
    end_holds([order])
    order.refresh_from_db(fields=["status", "shipped_at", "is_held"])
    end_shipping(
        {order.pk: Stop(at=order.shipped_at or order.updated_at, evidence=_("Nothing is left to ship"))}, actor
    )
    record(OrderCompleted(order_id=order.pk), subject=order, actor=actor)
