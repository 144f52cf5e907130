"""How well suppliers deliver: on time, complete, undamaged, at stable prices. Measured, not promised."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from purchasing.models import (
    GoodsReceiptLine,
    PriceBreak,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseState,
)

DAYS = 365
_ENDED = (PurchaseState.RECEIVED, PurchaseState.CLOSED)


@dataclass(frozen=True, slots=True)
class Performance:
    """A supplier's last twelve months; shares in whole percent, None where nothing was measured.

    ``on_time``: of orders with a day, whose last delivery came by then. ``complete``: of ended orders, with every piece
    ordered. ``good``: of pieces that came, neither damaged, nor failed, nor refused.
    """

    orders: int
    on_time: int | None
    complete: int | None
    good: int | None
    late_days: int | None  # mean of those that were late
    price_change: Decimal | None  # percent, mean over items whose price changed


def supplier_performance(*, supplier_id: int, today: date | None = None) -> Performance:
    """Measure a supplier by what came within the last twelve months."""
    since = (today or timezone.localdate()) - timedelta(days=DAYS)
    lines = list(
        GoodsReceiptLine.objects.filter(
            receipt__order__supplier=supplier_id, receipt__undone_at=None, receipt__received_at__date__gte=since
        ).select_related("receipt__order", "order_line")
    )
    late = _lateness(lines)
    whole = _completeness({line.receipt.order_id for line in lines})
    came = sum(line.taken + line.refused for line in lines)
    bad = sum(line.damaged + line.failed + line.refused for line in lines)
    tardy = [days for days in late if days > 0]
    return Performance(
        orders=len({line.receipt.order_id for line in lines}),
        on_time=_percent(len(late) - len(tardy), len(late)),
        complete=_percent(sum(whole), len(whole)),
        good=_percent(came - bad, came),
        late_days=round(sum(tardy) / len(tardy)) if tardy else None,
        price_change=price_change(supplier_id=supplier_id, since=since),
    )


def _percent(part: int, whole: int) -> int | None:
    return part * 100 // whole if whole else None


def _lateness(lines: list[GoodsReceiptLine]) -> list[int]:
    """Return by how many days the last delivery of each ended order was late (negative: early)."""
    last: dict[int, date] = {}
    due: dict[int, date] = {}
    for line in lines:
        order: PurchaseOrder = line.receipt.order
        expected = line.order_line.expected_on or order.expected_on
        if order.state not in _ENDED or expected is None:
            continue
        came = timezone.localdate(line.receipt.received_at)
        last[order.pk] = max(came, last.get(order.pk, came))
        due[order.pk] = max(expected, due.get(order.pk, expected))
    return [(last[pk] - due[pk]).days for pk in last]


def _completeness(order_ids: set[int]) -> list[bool]:
    """Return for each ended order whether every piece ordered came."""
    short: dict[int, bool] = defaultdict(bool)
    rows = PurchaseOrderLine.objects.filter(order__in=order_ids, order__state__in=_ENDED)
    for order_id, quantity, received in rows.values_list("order", "quantity", "received"):
        short[order_id] |= received < quantity
    return [not is_short for is_short in short.values()]


def price_change(*, supplier_id: int, since: date) -> Decimal | None:
    """Return by how many percent the prices of one piece changed since that day, on average of items that changed."""
    prices: dict[int, list[tuple[date, int]]] = defaultdict(list)
    rows = PriceBreak.objects.filter(item__supplier=supplier_id, from_quantity=1, starts_on__lte=timezone.localdate())
    for item_id, starts_on, price in rows.order_by("starts_on").values_list("item", "starts_on", "price"):
        prices[item_id].append((starts_on, price))
    changes = []
    for dated in prices.values():
        before = [price for day, price in dated if day <= since] or [dated[0][1]]
        now = dated[-1][1]
        if before[-1] and now != before[-1]:
            changes.append(Decimal((now - before[-1]) * 100) / before[-1])
    return (sum(changes, Decimal(0)) / len(changes)).quantize(Decimal("0.1")) if changes else None
