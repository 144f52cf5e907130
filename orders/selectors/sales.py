"""How much was sold: by the shop's day, channel and currency; cancelled orders do not count."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from catalog.models import SalesChannel
from orders.models import Order, OrderStatus


@dataclass(frozen=True, slots=True)
class DaySales:
    """Orders placed on one day of the shop on one channel in one currency; ``total`` in minor units."""

    day: date
    sales_channel_id: int
    currency: str
    order_count: int
    total: int


@dataclass(frozen=True, slots=True)
class ChannelSales:
    """Sales of one channel in one currency: today, and over all the days asked for with one sum for each day."""

    channel: SalesChannel
    currency: str
    today_total: int
    today_count: int
    total: int
    order_count: int
    by_day: list[int]  # minor units, oldest day first, days without sales are 0


def sales_by_day(*, days: int = 30, now: datetime | None = None) -> list[DaySales]:
    """Return the sales of the last ``days`` days of the shop (today is the last), by day, channel and currency."""
    zone = timezone.get_default_timezone()
    rows = (
        Order.objects.filter(placed_at__gte=_start(days, now), placed_at__lt=_start(0, now))
        .exclude(status=OrderStatus.CANCELLED)
        .order_by()
        .values("sales_channel_id", "currency", day=TruncDate("placed_at", tzinfo=zone))
        .annotate(order_count=Count("*"), sum_total=Sum("total"))
        .order_by("day", "sales_channel_id", "currency")
    )
    return [
        DaySales(row["day"], row["sales_channel_id"], row["currency"], row["order_count"], row["sum_total"])
        for row in rows
    ]


def sales_by_channel(*, days: int = 30, now: datetime | None = None) -> list[ChannelSales]:
    """Return what each channel sold, the busiest first; a channel with two currencies comes twice."""
    calendar = list(_days(days, now))
    grouped: dict[tuple[int, str], dict[date, DaySales]] = defaultdict(dict)
    for row in sales_by_day(days=days, now=now):
        grouped[row.sales_channel_id, row.currency][row.day] = row
    channels = SalesChannel.objects.in_bulk([channel_id for channel_id, _currency in grouped])
    found = [
        _channel(channels[channel_id], currency, rows, calendar) for (channel_id, currency), rows in grouped.items()
    ]
    return sorted(found, key=lambda sales: (-sales.order_count, sales.channel.name, sales.currency))


def _channel(channel: SalesChannel, currency: str, rows: dict[date, DaySales], calendar: list[date]) -> ChannelSales:
    today = rows.get(calendar[-1])
    return ChannelSales(
        channel=channel,
        currency=currency,
        today_total=today.total if today else 0,
        today_count=today.order_count if today else 0,
        total=sum(row.total for row in rows.values()),
        order_count=sum(row.order_count for row in rows.values()),
        by_day=[rows[day].total if day in rows else 0 for day in calendar],
    )


def _today(now: datetime | None) -> date:
    return timezone.localdate(now or timezone.now(), timezone.get_default_timezone())


def _start(days: int, now: datetime | None) -> datetime:
    """Return the moment at which the first of the last ``days`` days began; 0: at which tomorrow begins."""
    first = _today(now) + timedelta(days=1 - days)
    return timezone.make_aware(datetime.combine(first, time.min), timezone.get_default_timezone())


def _days(days: int, now: datetime | None) -> Iterator[date]:
    today = _today(now)
    return (today - timedelta(days=before) for before in range(days - 1, -1, -1))
