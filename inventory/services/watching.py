"""Alerts of stock items open and close by themselves: running low, sold out, a lot that ends soon."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from inventory.models import AlertKind, StockAlert, StockItem
from inventory.selectors.lots import lots_ending
from inventory.services.ledger import lock_items
from staff.models import Role, Topic
from staff.selectors import users_with_role
from staff.services.notifications.notifying import Telling, notify_many

SOON_DAYS = 30  # so many days before its end a lot is told of
CHUNK = 500
CONCERNED = (Role.MERCHANDISER, Role.EC_MANAGER)  # who orders or marks down
_LEVELS = (AlertKind.LOW, AlertKind.OUT)


@transaction.atomic
def settle_alerts(*, stock_item_ids: Collection[int]) -> int:
    """Open and close “low” and “sold out” as the counters say, and return how many changed; twice changes nothing.

    Only items with an alert level are watched: without one nobody asked to be told. Read under the items' locks, so
    that of two movements the later one has the last word.
    """
    items = lock_items(pk__in=stock_item_ids)
    wanted = {(item.pk, kind): item for item in items if (kind := _level(item)) is not None}
    is_open = StockAlert.objects.filter(stock_item__in=items, closed_at=None, kind__in=_LEVELS)
    known = {(alert.stock_item_id, AlertKind(alert.kind)): alert.pk for alert in is_open}
    over = [pk for key, pk in known.items() if key not in wanted]
    StockAlert.objects.filter(pk__in=over).update(closed_at=timezone.now())
    return len(over) + _open([(item, kind) for (pk, kind), item in wanted.items() if (pk, kind) not in known])


def _level(item: StockItem) -> AlertKind | None:
    if not item.low_at or item.available > item.low_at:
        return None
    return AlertKind.OUT if item.available <= 0 else AlertKind.LOW


@transaction.atomic
def _open(rows: Iterable[tuple[StockItem, AlertKind]]) -> int:
    alerts = StockAlert.objects.bulk_create(
        [StockAlert(stock_item=item, kind=kind, available=item.available) for item, kind in rows]
    )
    _tell(alerts)
    return len(alerts)


def _tell(alerts: Collection[StockAlert]) -> None:
    if not alerts:
        return
    people = {pk for role in CONCERNED for pk in users_with_role(role).values_list("pk", flat=True)}
    items = StockItem.objects.select_related("variant", "warehouse").in_bulk([a.stock_item_id for a in alerts])
    notify_many(
        tellings=[
            Telling(
                user_id=pk,
                topic=Topic.STOCK,
                key=f"stock-alert:{alert.pk}",
                data={
                    "about": f"inventory.stockitem:{alert.stock_item_id}",
                    "number": items[alert.stock_item_id].variant.sku,
                    "title": str(items[alert.stock_item_id].warehouse),
                    "reason": str(alert.kind),
                    "count": alert.available,
                },
            )
            for alert in alerts
            for pk in sorted(people)
        ]
    )


def settle_expiring(*, now: datetime | None = None) -> int:
    """Open and close the alerts of lots that end within a month and return how many changed; twice changes nothing."""
    ending = {row.stock_item_id for row in lots_ending(within_days=SOON_DAYS, now=now)}
    known = StockAlert.objects.filter(kind=AlertKind.EXPIRING, closed_at=None)
    is_open = set(known.values_list("stock_item", flat=True))
    with transaction.atomic():
        over = known.filter(Q(stock_item__in=is_open - ending)).update(closed_at=timezone.now())
    new = sorted(ending - is_open)
    opened = 0
    for start in range(0, len(new), CHUNK):
        opened += _open_expiring(new[start : start + CHUNK])
    return over + opened


@transaction.atomic
def _open_expiring(ids: Collection[int]) -> int:
    items = lock_items(pk__in=ids)  # two runs of the clock: the second finds what the first one opened
    before = StockAlert.objects.filter(stock_item__in=items, kind=AlertKind.EXPIRING, closed_at=None)
    known = set(before.values_list("stock_item", flat=True))
    return _open([(item, AlertKind.EXPIRING) for item in items if item.pk not in known])
