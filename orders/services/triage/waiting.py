"""From which day on orders leave: the last release of what is in them, or the wished delivery less the way."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from django.utils import timezone

from catalog.selectors.bundling import bundle_contents
from core.copying import update_rows
from core.events import Event
from inventory.selectors import shop_day, unreleased
from orders.events import OrderWaits
from orders.models import ChannelHandling, Order, WaitReason
from orders.services.batches import goods_of

WAY = 1  # days, where a channel says nothing


def set_days(orders: Sequence[Order]) -> list[tuple[Event, int]]:
    """Write on these locked open orders from which day on they leave; return the facts of those that changed.

    A day that has been reached stays as it was: nothing changes for anybody.
    """
    today = shop_day()
    released, ways = _release_days(orders), _ways(orders)
    changed: list[tuple[int, str | None, str]] = []
    for order in orders:
        day, reason = _day(order, released.get(order.pk), ways)
        if day is None and order.not_before is not None and order.not_before <= today:
            continue
        if (day, reason) != (order.not_before, order.wait_reason):
            order.not_before, order.wait_reason = day, reason
            changed.append((order.pk, day.isoformat() if day else None, reason))
    now = timezone.now()
    update_rows(
        Order,
        (("not_before", "date"), ("wait_reason", "text"), ("updated_at", "timestamptz")),
        [(*row, now) for row in changed],
    )
    return [(OrderWaits(order_id=pk, day=day or "", reason=reason), pk) for pk, day, reason in changed]


def delivery_day(order: Order, way: int) -> date | None:
    """Return when the order leaves to arrive on the wished day; None without a wish, or when that day is reached."""
    if order.delivery_on is None:
        return None
    day = order.delivery_on - timedelta(days=way)
    return day if day > shop_day() else None


def _day(order: Order, released: date | None, ways: dict[int, int]) -> tuple[date | None, str]:
    delivery = delivery_day(order, ways.get(order.sales_channel_id, WAY))
    if released is not None and (delivery is None or released >= delivery):
        return released, WaitReason.RELEASE.value
    return (delivery, WaitReason.DELIVERY.value) if delivery else (None, "")


def _ways(orders: Sequence[Order]) -> dict[int, int]:
    if not any(order.delivery_on for order in orders):
        return {}
    return dict(ChannelHandling.objects.values_list("sales_channel_id", "transit_days"))


def _release_days(orders: Sequence[Order]) -> dict[int, date]:
    """Return order id -> the last release day of what is still open in it, bundles by what is in them."""
    sold: dict[int, set[int]] = defaultdict(set)
    for pk, lines in goods_of(orders).items():
        sold[pk] = {line.variant_id for line in lines if line.variant_id is not None and line.open_count}
    variants = set().union(*sold.values())
    if not variants:
        return {}
    contents = bundle_contents(variant_ids=variants)
    days = unreleased(variant_ids=variants.union(*contents.values()))
    if not days:
        return {}
    found = {}
    for pk, ordered in sold.items():
        parts = ordered.union(*(contents.get(variant, {}) for variant in ordered))
        if waiting := [days[part] for part in parts if part in days]:
            found[pk] = max(waiting)
    return found
