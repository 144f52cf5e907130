"""Parcels that somebody has to look after: opened by what carriers say or do not say, closed with what was done."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.errors import Conflict, InvalidInput
from core.events import Event, record, record_many
from orders.models import Order, Shipment
from orders.services.batches import check_right
from shipping.events import ParcelAlertClosed, ParcelInTrouble
from shipping.models import AlertKind, DeliveryScan, ParcelAlert, ScanKind
from shipping.policies import can_close_alerts
from staff.models import User

SILENT_DAYS = 3  # without any scan
LOOKS_BACK_DAYS = 45  # older parcels are no news
MOST_AT_ONCE = 2_000
ANSWERED = gettext_noop("The carrier saw it again.")
ARRIVED = gettext_noop("It was delivered.")


@transaction.atomic
def open_alerts(*, kinds: Mapping[int, AlertKind], actor: User | None = None) -> int:
    """Open an alert for each shipment (id: kind) that has none of that kind open; return how many are new."""
    taken = set(ParcelAlert.objects.filter(shipment__in=kinds, closed_at=None).values_list("shipment_id", "kind"))
    wanted = {pk: kind for pk, kind in kinds.items() if (pk, kind.value) not in taken}
    parcels = Shipment.objects.in_bulk(list(wanted))
    rows = [ParcelAlert(shipment=parcels[pk], kind=kind) for pk, kind in wanted.items() if pk in parcels]
    ParcelAlert.objects.bulk_create(rows, ignore_conflicts=True)
    facts: list[tuple[Event, int]] = [
        (
            ParcelInTrouble(order_id=row.shipment.order_id, shipment=row.shipment.number, kind=row.kind),
            row.shipment.order_id,
        )
        for row in rows
    ]
    record_many(facts, model=Order, actor=actor)
    return len(rows)


@transaction.atomic
def close_answered(*, last_kinds: Mapping[int, ScanKind]) -> int:
    """Close what these scans answer: any says where the parcel is, a delivery ends a failed try; return how many."""
    now = timezone.now()
    seen = ParcelAlert.objects.filter(shipment__in=last_kinds, kind=AlertKind.NO_SCAN, closed_at=None)
    count = seen.update(closed_at=now, outcome=_(ANSWERED))
    arrived = [pk for pk, kind in last_kinds.items() if kind == ScanKind.DELIVERED]
    failed = ParcelAlert.objects.filter(shipment__in=arrived, kind=AlertKind.FAILED, closed_at=None)
    return count + failed.update(closed_at=now, outcome=_(ARRIVED))


@transaction.atomic
def close_alert(*, alert_id: int, outcome: str, actor: User | None = None) -> ParcelAlert:
    """Note what was done about a parcel and close it.

    InvalidInput without a word on it, Conflict when it is closed already, NotAllowed without the right.
    """
    check_right(can_close_alerts, actor)
    outcome = outcome.strip()
    if not outcome or len(outcome) > 200:
        raise InvalidInput(_("Say in up to 200 characters what was done."))
    row = ParcelAlert.objects.select_for_update(of=("self",)).select_related("shipment__order").get(pk=alert_id)
    if row.closed_at is not None:
        raise Conflict(_("Somebody closed it already."))
    row.closed_at, row.closed_by, row.outcome = timezone.now(), actor, outcome
    row.save(update_fields=["closed_at", "closed_by", "outcome"])
    shipment = row.shipment
    fact = ParcelAlertClosed(order_id=shipment.order_id, shipment=shipment.number, outcome=outcome)
    record(fact, subject=shipment.order, actor=actor)
    return row


def silent_parcels(now: datetime, days: int = SILENT_DAYS) -> QuerySet[Shipment]:
    """Return parcels with a number that left so long ago and of which no carrier said anything."""
    return Shipment.objects.filter(
        ~Exists(DeliveryScan.objects.filter(shipment=OuterRef("pk"))),
        delivered_at=None,
        shipped_at__lt=now - timedelta(days=days),
        shipped_at__gte=now - timedelta(days=LOOKS_BACK_DAYS),
    ).exclude(tracking_number="")


@transaction.atomic
def watch_parcels(*, now: datetime | None = None) -> int:
    """Open an alert for each parcel without a sign; return how many are new.

    Only where carriers' scans are brought in at all: a shop that never does would drown in alerts.
    """
    now = now or timezone.now()
    if not DeliveryScan.objects.filter(at__gte=now - timedelta(days=LOOKS_BACK_DAYS)).exists():
        return 0
    known = ParcelAlert.objects.filter(shipment=OuterRef("pk"), kind=AlertKind.NO_SCAN)
    ids = silent_parcels(now).filter(~Exists(known)).order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE]
    return open_alerts(kinds=dict.fromkeys(ids, AlertKind.NO_SCAN))
