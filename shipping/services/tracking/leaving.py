"""Orders and parcels leave with the numbers that were issued for them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from core.errors import DomainError
from orders.selectors.parcels import ParcelContent
from orders.services import ship_from_warehouse, ship_orders, ship_parcel
from shipping.services.tracking.matching import Job, refused
from staff.models import User


@dataclass(slots=True, kw_only=True)
class Departure:
    """A number with what leaves under it; ``is_whole``: everything that is left of its order."""

    job: Job
    content: ParcelContent | None
    pieces: dict[int, int]
    is_whole: bool


def let_leave(departures: Sequence[Departure], actor: User | None) -> None:
    """Ship what the numbers are for, whole orders of a carrier at once; what may not leave is refused with its reason.

    The orders are locked by the caller.
    """
    now = timezone.now()
    by_order: dict[int, int] = defaultdict(int)
    for one in departures:
        by_order[one.job.order.pk] += 1
    whole = [one.job for one in departures if one.is_whole and by_order[one.job.order.pk] == 1]
    _ship_whole(whole, now, actor)
    for one in departures:
        if not (one.is_whole and by_order[one.job.order.pk] == 1):
            _ship_part(one, now, actor)


def _ship_whole(jobs: Sequence[Job], now: datetime, actor: User | None) -> None:
    by_carrier: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        by_carrier[_carrier(job)].append(job)
    for carrier, group in by_carrier.items():
        report = ship_orders(
            order_ids=[job.order.pk for job in group],
            carrier=carrier,
            tracking_numbers={job.order.pk: job.number for job in group},
            at={job.order.pk: _left(job, now) for job in group},
            actor=actor,
        )
        why = {refusal.order_id: refusal.reason for refusal in report.refused}
        for job in group:
            if reason := why.get(job.order.pk):
                job.outcome = refused("not_shipped", job.order, why=reason)


def _ship_part(one: Departure, now: datetime, actor: User | None) -> None:
    """Ship one parcel of an order; nothing of it has left when it is refused."""
    job, content = one.job, one.content
    if content is None:  # an order without goods is always whole
        return
    try:
        with transaction.atomic():
            if content.parcel_id is not None:
                ship_parcel(
                    parcel_id=content.parcel_id, carrier=_carrier(job), tracking_number=job.number,
                    at=_left(job, now), actor=actor,
                )  # fmt: skip
                return
            ship_from_warehouse(
                order_id=job.order.pk,
                warehouse_id=content.warehouse_id,
                quantities=one.pieces,
                carrier=_carrier(job),
                tracking_number=job.number,
                at=_left(job, now),
                actor=actor,
            )
    except DomainError as error:
        job.outcome = refused("not_shipped", job.order, why=str(error))


def _carrier(job: Job) -> str:
    return job.carrier.own_name if job.carrier else ""


def _left(job: Job, now: datetime) -> datetime:
    """Return when the parcel left: the carrier's word, but neither before the order came nor in the future."""
    return min(max(job.shipped_at or now, job.order.placed_at), now)
