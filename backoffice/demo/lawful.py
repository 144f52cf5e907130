"""Deadlines of the law that run: parcels received, customers who withdraw, a refund that is late."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zlib import crc32

from django.utils import timezone

from backoffice.demo.vocabulary import load
from compliance.services import judge_clocks
from orders.models import DeliverySource, LineKind, Order, ReturnCondition, Shipment, WithdrawalWay
from orders.services import Delivered, accept_withdrawal, record_deliveries, record_return, record_withdrawal
from staff.models import User

_FAR = timedelta(days=45)
_DAY = timedelta(days=1)


def run_deadlines(*, now: datetime, team: Mapping[str, User]) -> None:
    """Let parcels of the last weeks arrive, three customers withdraw, and one wait too long for the money."""
    _deliver(now, team["warehouse"])
    chosen = _withdrawable(now)
    for place, order in enumerate(chosen[:3]):
        delivered = max(row.delivered_at for row in order.shipments.all() if row.delivered_at)
        row = record_withdrawal(
            order_id=order.pk,
            stated_at=delivered + timedelta(days=2, hours=3),
            way=WithdrawalWay.CHANNEL,
            quantities={_line(order): 1},
            reason=load("shop")["reasons"]["return_KR"][place % 2],
            actor=team["cs"],
        )
        if place == 2:
            continue  # somebody has to decide it
        accept_withdrawal(withdrawal_id=row.pk, actor=team["cslead"])
        record_return(
            order_id=order.pk,
            quantities={_line(order): 1},
            condition=ReturnCondition.NOT_KEPT,
            reason=row.reason,
            at=now - (10 * _DAY if place == 0 else timedelta(hours=20)),
            actor=team["cs"],
        )
    while judge_clocks():
        pass


def _deliver(now: datetime, actor: User) -> None:
    """Let most parcels arrive one to three days after they left; of some nobody knows."""
    told = []
    for pk, number, left in Shipment.objects.filter(shipped_at__gte=now - _FAR).values_list(
        "pk", "number", "shipped_at"
    ):
        dice = crc32(number.encode())
        at = left + timedelta(hours=20 + dice % 40)
        if dice % 12 and at < min(now, timezone.now()):
            told.append(Delivered(shipment_id=pk, at=at, source=DeliverySource.CARRIER))
    record_deliveries(deliveries=told, actor=actor)


def _withdrawable(now: datetime) -> list[Order]:
    """Return paid Korean orders that were received twelve days ago and more, and of which nothing came back."""
    orders = (
        Order.objects.filter(
            jurisdiction="KR",
            status="shipped",
            paid_total__gt=0,
            returns=None,
            shipments__delivered_at__range=(now - 25 * _DAY, now - 13 * _DAY),
        )
        .distinct()
        .order_by("-number")
        .prefetch_related("shipments")
    )
    return list(orders[:3])


def _line(order: Order) -> int:
    return order.lines.filter(kind=LineKind.PRODUCT, shipped_count__gt=0).order_by("position", "pk")[0].pk
