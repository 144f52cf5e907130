"""What carriers say of parcels on their way: scans kept, deliveries recorded, parcels in trouble opened."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from orders.models import DeliverySource, Shipment
from orders.policies import can_record_deliveries
from orders.services import Delivered, record_deliveries
from orders.services.batches import check_right
from shipping.models import AlertKind, DeliveryScan, ScanKind, clean_number
from shipping.services.tracking.alerts import close_answered, open_alerts
from staff.models import User

TROUBLE = {ScanKind.FAILED: AlertKind.FAILED, ScanKind.RETURNED: AlertKind.RETURNED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One thing that a carrier says of a number, in our kinds and in its own words."""

    number: str
    kind: ScanKind
    at: datetime
    words: str = ""


@dataclass(slots=True, kw_only=True)
class ScanOutcome:
    """What became of a scan: the parcels it is of, whether it said something new, else why it was refused."""

    shipments: list[Shipment] = field(default_factory=list)
    is_new: bool = False
    reason: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def record_scans(*, scans: Sequence[Scan], actor: User | None = None) -> list[ScanOutcome]:
    """Keep what carriers said and return what became of each row, in their order; the same again changes nothing.

    A delivered parcel starts its customer's window (``record_deliveries``, which may refuse: then so is the row), one
    that could not be delivered or goes back opens a ``ParcelAlert``, any scan answers “no sign of it”. Refused is a
    number that no parcel has. NotAllowed without the right to record deliveries. Fixed statements for any number.
    """
    check_right(can_record_deliveries, actor)
    by_number: dict[str, list[Shipment]] = defaultdict(list)
    numbers = {clean_number(scan.number) for scan in scans} - {""}
    for shipment in Shipment.objects.filter(tracking_number__in=numbers).order_by("pk"):
        by_number[shipment.tracking_number].append(shipment)
    known = _known(by_number)
    outcomes, new = [], []
    for scan in scans:
        parcels = by_number.get(clean_number(scan.number), [])
        if not parcels:
            reason = {"code": "shipping.unknown_parcel", "number": scan.number}
            outcomes.append(ScanOutcome(reason=reason))
            continue
        fresh = [parcel for parcel in parcels if (parcel.pk, scan.kind.value, scan.at) not in known]
        known |= {(parcel.pk, scan.kind.value, scan.at) for parcel in fresh}
        new += [DeliveryScan(shipment=parcel, kind=scan.kind, at=scan.at, words=scan.words[:120]) for parcel in fresh]
        outcomes.append(ScanOutcome(shipments=parcels, is_new=bool(fresh)))
    DeliveryScan.objects.bulk_create(new, ignore_conflicts=True, batch_size=2000)
    _refuse(_deliver(scans, outcomes, actor), scans, outcomes)
    _follow(new, actor)
    return outcomes


def _known(by_number: Mapping[str, Sequence[Shipment]]) -> set[tuple[int, str, datetime]]:
    ids = [parcel.pk for parcels in by_number.values() for parcel in parcels]
    return set(DeliveryScan.objects.filter(shipment__in=ids).values_list("shipment_id", "kind", "at"))


def _deliver(scans: Sequence[Scan], outcomes: Sequence[ScanOutcome], actor: User | None) -> dict[int, str]:
    """Record what was delivered and return why some were not, by shipment."""
    told = {
        parcel.pk: Delivered(shipment_id=parcel.pk, at=scan.at, source=DeliverySource.CARRIER)
        for scan, outcome in zip(scans, outcomes, strict=True)
        if scan.kind == ScanKind.DELIVERED and outcome.is_new
        for parcel in outcome.shipments
    }
    if not told:
        return {}
    report = record_deliveries(deliveries=list(told.values()), actor=actor)
    return {refusal.order_id: refusal.reason for refusal in report.refused}


def _refuse(why: Mapping[int, str], scans: Sequence[Scan], outcomes: Sequence[ScanOutcome]) -> None:
    for scan, outcome in zip(scans, outcomes, strict=True):
        said = [why[parcel.pk] for parcel in outcome.shipments if parcel.pk in why]
        if said and scan.kind == ScanKind.DELIVERED and outcome.is_new:
            outcome.reason = {"code": "shipping.not_delivered", "why": said[0]}


def _follow(new: Sequence[DeliveryScan], actor: User | None) -> None:
    """Open what is in trouble now, by each parcel's last word, and close what these scans answer."""
    last: dict[int, DeliveryScan] = {}
    for scan in sorted(new, key=lambda one: one.at):
        last[scan.shipment_id] = scan
    kinds = {pk: TROUBLE[ScanKind(scan.kind)] for pk, scan in last.items() if scan.kind in TROUBLE}
    close_answered(last_kinds={pk: ScanKind(scan.kind) for pk, scan in last.items()})
    open_alerts(kinds=kinds, actor=actor)
