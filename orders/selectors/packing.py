"""A day's packing: what is ready to leave, the most urgent first, with lines and the warehouse they are reserved in."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Sum
from django.utils import timezone

from inventory.selectors import shop_day
from orders.models import Allocation, LineKind, Order, OrderLine, OrderQuerySet


@dataclass(slots=True)
class PackingLine:
    """Goods of an order: the open pieces, and how many are reserved in which warehouse."""

    line: OrderLine
    places: list[tuple[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class PackingOrder:
    """An order to pack with its goods."""

    order: Order
    lines: list[PackingLine]
    is_late: bool

    @property
    def pieces(self) -> int:
        """How many pieces go into the parcel."""
        return sum(one.line.open_count for one in self.lines)

    @property
    def warehouses(self) -> list[str]:
        """Where it is picked."""
        return sorted({name for one in self.lines for name, _count in one.places})


def packing_queue(*, warehouse_id: int | None = None, late_only: bool = False) -> OrderQuerySet:
    """Return orders that are ready to pick (of which something is reserved in a warehouse), the most urgent first."""
    ready = Order.objects.all().ready_to_pick(shop_day())
    if warehouse_id is not None:
        there = Allocation.objects.filter(
            reservation__stock_item__warehouse=warehouse_id,
            reservation__quantity__gt=F("reservation__shipped") + F("reservation__released"),
        )
        ready = ready.filter(pk__in=there.values("line__order"))
    if late_only:
        ready = ready.filter(ship_by__lt=timezone.now())
    return ready.order_by("ship_by", "pk")


def packing_orders(order_ids: Sequence[int]) -> list[PackingOrder]:
    """Return these orders with their goods, in this order; three statements for any number."""
    orders = Order.objects.select_related("sales_channel", "gift").in_bulk(order_ids)
    lines: dict[int, dict[int, PackingLine]] = defaultdict(dict)
    goods = OrderLine.objects.filter(order__in=order_ids, kind=LineKind.PRODUCT).select_related("variant__product")
    for line in goods.order_by("position", "pk"):
        if line.open_count:
            lines[line.order_id][line.pk] = PackingLine(line)
    held = F("reservation__quantity") - F("reservation__shipped") - F("reservation__released")
    places = (
        Allocation.objects.filter(line__order__in=order_ids)
        .order_by()
        .values_list("line__order_id", "line_id", "reservation__stock_item__warehouse__name")
        .annotate(count=Sum(held))
        .filter(count__gt=0)
    )
    for order_id, line_id, name, count in places:
        if line_id in lines[order_id]:
            lines[order_id][line_id].places.append((name, count))
    now = timezone.now()
    return [
        PackingOrder(
            order=orders[pk],
            lines=list(lines[pk].values()),
            is_late=_is_past(orders[pk].ship_by, now),
        )
        for pk in order_ids
        if pk in orders
    ]


def _is_past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment < now
