"""What variants cost."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.models import Price


def prices_at(*, variant_ids: Collection[int], sales_channel_id: int, at: datetime | None = None) -> dict[int, Price]:
    """Return the price of each variant on one channel at a moment (default: now); a variant without one is left out."""
    moment = at or timezone.now()
    running = Price.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=moment),
        variant_id__in=variant_ids,
        sales_channel_id=sales_channel_id,
        starts_at__lte=moment,
    )
    return {price.variant_id: price for price in running}


def price_history(*, variant_id: int) -> QuerySet[Price]:
    """Return all prices of a variant with their channels, by channel, the newest first."""
    prices = Price.objects.filter(variant_id=variant_id).select_related("sales_channel")
    return prices.order_by("sales_channel__name", "-starts_at")


def running_prices(*, variant_ids: Collection[int], at: datetime | None = None) -> dict[tuple[int, int], Price]:
    """Return the prices at a moment (default: now) on all channels by (variant id, sales channel id)."""
    moment = at or timezone.now()
    running = Price.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=moment), variant_id__in=variant_ids, starts_at__lte=moment
    )
    return {(price.variant_id, price.sales_channel_id): price for price in running}
