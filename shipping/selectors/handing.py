"""What is ready to be handed to a carrier, and what is due by the clocks of the malls."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.models import SalesChannel
from orders.models import OPEN_STATUSES, CancelPenalty, Order
from shipping.models import CarrierSlip, ChannelCutoff

END_OF_DAY = time(23, 59)


def orders_to_hand_over(*, today: date) -> QuerySet[Order]:
    """Return orders that are ready to leave and stand in no open carrier file, the most urgent first."""
    taken = CarrierSlip.objects.filter(order=OuterRef("pk"), closed_at=None)
    return Order.objects.ready_to_pick(today).filter(~Exists(taken)).order_by(F("ship_by").asc(nulls_last=True), "pk")


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What one channel waits for: late, until today's cut-off, until tomorrow's, by the channel's own clock."""

    channel: SalesChannel
    cut_off: datetime
    late: int
    today: int
    tomorrow: int
    not_ready: int  # of late and today: not to be picked yet
    penalty: str  # what the mall asks

    @property
    def minutes_left(self) -> int:
        """Return the minutes until today's cut-off, negative behind it."""
        return int((self.cut_off - timezone.now()).total_seconds() // 60)

    @property
    def clock(self) -> str:
        """Return the cut-off as the channel's own clock shows it, such as “15:00 JST”."""
        return f"{self.cut_off:%H:%M %Z}"


def promises_of_channels(*, now: datetime | None = None) -> list[Promise]:
    """Return each active channel with open promises, the most late first; four statements."""
    now = now or timezone.now()
    cutoffs = dict(ChannelCutoff.objects.values_list("sales_channel_id", "at"))
    channels = list(SalesChannel.objects.filter(is_active=True).order_by("name", "pk"))
    ends = {channel.pk: _cut_off(channel, cutoffs.get(channel.pk, END_OF_DAY), now) for channel in channels}
    penalties = _penalties(channels, now)
    counts = _counts(ends, now)
    found = []
    for channel in channels:
        row = counts.get(channel.pk)
        if row is None or not (row["late"] or row["today"] or row["tomorrow"]):
            continue
        one = Promise(
            channel=channel,
            cut_off=ends[channel.pk],
            late=row["late"],
            today=row["today"],
            tomorrow=row["tomorrow"],
            not_ready=row["not_ready"],
            penalty=penalties.get(channel.pk, ""),
        )
        found.append(one)
    return sorted(found, key=lambda one: (-one.late, -one.today, one.channel.name))


def due_orders(*, channel_id: int | None, late_only: bool, now: datetime | None = None) -> QuerySet[Order]:
    """Return open orders that are late or have to leave by the end of their channel's day, the latest first."""
    now = now or timezone.now()
    late = Order.objects.open().filter(ship_by__lt=now)
    if not late_only:
        late = Order.objects.open().filter(ship_by__lt=now + timedelta(hours=24))
    chosen = late.filter(sales_channel=channel_id) if channel_id else late
    return chosen.select_related("sales_channel").order_by("ship_by", "pk")


def _cut_off(channel: SalesChannel, at: time, now: datetime) -> datetime:
    local = now.astimezone(ZoneInfo(channel.time_zone))
    return local.replace(hour=at.hour, minute=at.minute, second=59 if at == END_OF_DAY else 0, microsecond=0)


def _counts(ends: dict[int, datetime], now: datetime) -> dict[int, dict[str, int]]:
    """Count by channel in one statement; the day of each ends at its own hour."""
    if not ends:
        return {}
    last = max(ends.values()) + timedelta(days=1)
    today, tomorrow = Q(), Q()
    for pk, end in ends.items():
        midnight = end.replace(hour=23, minute=59, second=59)
        today |= Q(sales_channel=pk, ship_by__lte=midnight)
        tomorrow |= Q(sales_channel=pk, ship_by__lte=midnight + timedelta(days=1))
    is_late = Q(ship_by__lt=now)
    waiting = ~Q(status__in=["to_ship", "partly_shipped"]) | Q(is_held=True)
    rows = (
        Order.objects.filter(status__in=OPEN_STATUSES, ship_by__lt=last + timedelta(days=1))
        .values("sales_channel_id")
        .annotate(
            late=Count("pk", filter=is_late),
            today=Count("pk", filter=today & ~is_late),
            tomorrow=Count("pk", filter=tomorrow & ~(today | is_late)),
            not_ready=Count("pk", filter=(today | is_late) & waiting),
        )
        .order_by()
    )
    names = ("late", "today", "tomorrow", "not_ready")
    told = rows.values_list("sales_channel_id", *names)
    return {channel: dict(zip(names, counts, strict=True)) for channel, *counts in told}


def _penalties(channels: list[SalesChannel], now: datetime) -> dict[int, str]:
    day = now.date()
    rows = CancelPenalty.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=day), sales_channel__in=channels, valid_from__lte=day
    )
    return {row.sales_channel_id: row.terms for row in rows.order_by("valid_from", "pk")}
