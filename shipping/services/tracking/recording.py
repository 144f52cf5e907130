"""Tracking numbers as carriers issue them: they ship their orders, or name parcels that left already."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from core.copying import update_rows
from core.events import Event, record_many
from orders.models import Order, OrderStatus, Shipment
from orders.policies import is_shippable
from orders.selectors.parcels import ParcelContent, parcels_of
from orders.services.batches import check_right, lock_orders
from shipping.events import TrackingNumberSet
from shipping.policies import can_bring_tracking
from shipping.services.notices.owing import owe_again
from shipping.services.tracking.leaving import Departure, let_leave
from shipping.services.tracking.matching import Became, IssuedNumber, Job, NumberOutcome, matched, refused
from shipping.services.tracking.meaning import Box, boxes_of, contents_of, fitting, lines_by_sku, names_of, take
from staff.models import User

__all__ = ["Became", "IssuedNumber", "NumberOutcome", "record_tracking"]


@transaction.atomic
def record_tracking(
    *, rows: Sequence[IssuedNumber], ships: bool = True, replaces: bool = False, actor: User | None = None
) -> list[NumberOutcome]:
    """Record numbers and return what became of each row, in their order.

    An order that is ready leaves with its number (unless ``ships`` is False); a parcel without a number gets it; the
    same number again changes nothing. An order in several parcels takes a number for each: its rows say the warehouse,
    the parcel or the goods, and a number that fits several parcels is refused with the question which. Refused by row:
    unknown or ambiguous order, cancelled, held or not ready, another number already (unless ``replaces``), an unknown
    carrier, a number that its carrier cannot have issued. NotAllowed without the right to ship.

    1. Orders are locked by primary key, then their parcels are read. 2. Numbers of parcels that left change in one
    statement. 3. Whole orders leave by ``ship_orders``, once for each carrier; of others parcel by parcel.
    """
    check_right(can_bring_tracking, actor)
    outcomes: dict[int, NumberOutcome] = {}
    jobs = matched(rows, outcomes)
    cases = _cases(jobs, ships=ships)
    leaving: list[Departure] = []
    named: list[_Named] = []
    for case in cases:
        case.judge(replaces=replaces)
        leaving += case.leaving
        named += case.named
    _change(named, actor)
    let_leave(leaving, actor)
    for job in jobs:
        outcomes.update(job.outcomes())
    return [outcomes[place] for place in range(len(rows))]


@dataclass(slots=True, kw_only=True)
class _Named:
    """A parcel that left and gets a number now."""

    job: Job
    shipment: Shipment
    before: str


@dataclass(slots=True, kw_only=True)
class _Case:
    """One locked order with its rows, the parcels that left, and those without a number."""

    order: Order
    jobs: list[Job]
    shipments: list[Shipment]
    boxes: list[Box]
    contents: list[ParcelContent]
    lines: Mapping[str, Sequence[int]]
    ships: bool
    leaving: list[Departure] = field(default_factory=list)
    named: list[_Named] = field(default_factory=list)

    def judge(self, *, replaces: bool) -> None:
        """Give each number to the only parcel it fits, as long as there is one; ask about the others."""
        known = {one.tracking_number for one in self.shipments}
        waiting: list[Job] = []
        for job in self.jobs:
            if job.number in known:
                job.outcome = NumberOutcome(became=Became.KNOWN, order=self.order)
            else:
                known.add(job.number)
                waiting.append(job)
        waiting.sort(key=lambda job: not job.hints.goods)  # who names goods takes them before who takes the rest
        while found := next(((job, fit[0]) for job in waiting if len(fit := self._fit(job)) == 1), None):
            waiting.remove(found[0])
            self._give(found[0], *found[1])
        for job in waiting:
            self._ask(job, replaces=replaces)

    def _fit(self, job: Job) -> list[tuple[Box, dict[int, int]]]:
        return fitting(self.boxes, job.hints, self.lines)

    def _give(self, job: Job, box: Box, pieces: dict[int, int]) -> None:
        is_whole = len(self.contents) <= 1 and pieces == box.pieces and not self.leaving
        take(self.boxes, box, pieces)
        if box.shipment is not None:
            self._name(job, box.shipment)
            return
        job.outcome = NumberOutcome(became=Became.SHIPPED, order=self.order)
        departure = Departure(job=job, content=box.content, pieces=pieces, is_whole=is_whole)
        self.leaving.append(departure)

    def _name(self, job: Job, shipment: Shipment) -> None:
        before = shipment.tracking_number
        job.outcome = NumberOutcome(became=Became.SET, order=self.order, reason={"before": before})
        self.named.append(_Named(job=job, shipment=shipment, before=before))

    def _ask(self, job: Job, *, replaces: bool) -> None:
        """Say which parcels it may be, or why it changes nothing."""
        several = [box for box, _pieces in self._fit(job)]
        if several:
            job.outcome = refused("which_parcel", self.order, parcels=names_of(several))
        elif replaces and len(named := self._numbered(job)) == 1 and not self.named and not self.leaving:
            self._name(job, named[0])
        elif self.leaving or self.named:
            job.outcome = refused("second_number", self.order)
        elif self.boxes:
            job.outcome = refused("no_such_parcel", self.order, parcels=names_of(self.boxes))
        else:
            job.outcome = _stays(self.order, self.shipments)

    def _numbered(self, job: Job) -> list[Shipment]:
        """Return the parcels whose number the row may mean to replace."""
        boxes = [Box(order_id=self.order.pk, shipment=one) for one in self.shipments]
        plain = [box for box in boxes if not job.hints.goods and box.takes(job.hints, self.lines) is not None]
        return [box.shipment for box in plain if box.shipment is not None]


def _cases(jobs: Sequence[Job], *, ships: bool) -> list[_Case]:
    """Lock the orders and read what is known of their parcels; a fixed number of statements."""
    locked = {order.pk: order for order in lock_orders({job.order.pk for job in jobs})}
    parcels: dict[int, list[Shipment]] = defaultdict(list)
    for shipment in Shipment.objects.filter(order_id__in=locked).order_by("pk"):
        parcels[shipment.order_id].append(shipment)
    nameless = [one for all_of in parcels.values() for one in all_of if not one.tracking_number]
    inside = contents_of(nameless) if nameless else {}
    goods = {job.order.pk for job in jobs if job.hints.goods}
    lines = lines_by_sku(goods) if goods else {}
    waiting: dict[int, list[ParcelContent]] = defaultdict(list)
    ready = [pk for pk, order in locked.items() if ships and is_shippable(order)]
    for content in parcels_of(ready) if ready else ():
        for pk in content.order_ids:
            waiting[pk].append(content)
    cases: dict[int, _Case] = {}
    for job in jobs:
        pk = job.order.pk
        job.order = locked[pk]
        if pk not in cases:
            boxes = boxes_of(pk, parcels[pk], waiting[pk], inside)
            if not boxes and pk in ready:
                boxes = [Box(order_id=pk)]  # nothing of it is in a parcel: it only becomes complete
            cases[pk] = _Case(
                order=locked[pk], jobs=[], shipments=parcels[pk], boxes=boxes, contents=waiting[pk],
                lines=lines.get(pk, {}), ships=ships,
            )  # fmt: skip
        cases[pk].jobs.append(job)
    return list(cases.values())


def _stays(order: Order, parcels: Sequence[Shipment]) -> NumberOutcome:
    """Say why a number changes nothing."""
    if parcels:
        return refused("other_number", order, number=parcels[-1].tracking_number)
    if order.status == OrderStatus.CANCELLED:
        return refused("cancelled", order)
    return refused("held" if order.is_held else "not_ready", order, status=order.get_status_display())


def _change(named: Sequence[_Named], actor: User | None) -> None:
    """Write the numbers of parcels that left already, and tell it in the timelines of their orders."""
    facts: list[tuple[Event, int]] = []
    values: list[tuple[Any, ...]] = []
    for one in named:
        shipment, job = one.shipment, one.job
        carrier = job.carrier.own_name if job.carrier else shipment.carrier
        values.append((shipment.pk, carrier, job.number))
        fact = TrackingNumberSet(
            order_id=job.order.pk,
            shipment_id=shipment.pk,
            shipment=shipment.number,
            before=one.before,
            after=job.number,
            carrier=carrier,
        )
        facts.append((fact, job.order.pk))
    update_rows(Shipment, (("carrier", "text"), ("tracking_number", "text")), values)
    owe_again(shipment_ids=[one.shipment.pk for one in named])
    record_many(facts, model=Order, actor=actor)
