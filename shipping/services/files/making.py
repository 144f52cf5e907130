"""Carrier files: previewed, made once, withdrawn; an order stands in one open file at most."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import Conflict, DomainError, InvalidInput
from core.events import Event, record, record_many
from core.sequences import document_number, next_numbers
from orders.models import Order
from orders.policies import is_shippable
from orders.services.batches import Refusal, check_right, lock_orders, sift
from orders.services.releasing import early_problem
from orders.services.stops import Stops
from shipping.events import CarrierFileMade, CarrierFileWithdrawn, OrderHandedToCarrier
from shipping.models import Carrier, CarrierFile, CarrierSlip, FormatKind, OutFormat, SlipEnd
from shipping.policies import can_make_carrier_files
from shipping.services.files.definitions import OutDefinition
from shipping.services.files.formats import definition_of
from shipping.services.files.parcels import Parcel, Wanted, parcels_of
from shipping.services.files.writing import SUFFIXES, write_file
from staff.models import User

SERIES = "shipping.carrier_file"
MOST_ORDERS = 5_000  # of one file; carriers' programs take fewer


@dataclass(slots=True)
class CarrierFileReport:
    """The file, None when no order could go into it, and why orders stayed out."""

    file: CarrierFile | None = None
    refused: list[Refusal] = field(default_factory=list)


def preview_carrier_file(
    *,
    order_ids: Sequence[int],
    carrier_id: int,
    format_id: int,
    wanted: Wanted,
    again: bool = False,
    actor: User | None = None,
) -> list[Parcel]:
    """Return each order as the file would show it, with what keeps it out; nothing is kept.

    InvalidInput for too many orders; NotAllowed without the right to make carrier files.
    """
    check_right(can_make_carrier_files, actor)
    carrier, definition = _read(carrier_id, format_id, order_ids)
    orders = list(Order.objects.filter(pk__in=order_ids).select_related("sales_channel").order_by("pk"))
    return _judged(orders, definition, carrier, wanted, again=again)


def make_carrier_file(
    *,
    order_ids: Sequence[int],
    carrier_id: int,
    format_id: int,
    wanted: Wanted,
    again: bool = False,
    key: str,
    actor: User | None = None,
) -> CarrierFileReport:
    """Make the file for all orders that may leave and fit, and keep it; the same ``key`` answers with the same file.

    Refused by order: held, not ready to ship, too early, not fitting, already in an open file unless ``again`` (their
    older slip is then replaced). DomainError when none is left; NotAllowed without the right.

    1. Orders are locked by primary key: of two people at once the second finds the first one's slips.
    2. File, slips and history commit together: a kill before leaves nothing but a file nobody knows.
    """
    check_right(can_make_carrier_files, actor)
    parameters = {
        "orders": sorted(order_ids),
        "carrier": carrier_id,
        "format": format_id,
        "wanted": [wanted.ship_on.isoformat(), wanted.temperature, wanted.box_count, wanted.kind],
        "again": again,
    }

    def run() -> dict[str, Any]:
        report = _make(order_ids, carrier_id, format_id, wanted, actor, again=again)
        refused = [[one.order_id, one.number, one.reason] for one in report.refused]
        return {"file": report.file.pk if report.file else None, "refused": refused}

    done = once(key=f"shipping.carrier_file:{key}", parameters=parameters, run=run)
    file = CarrierFile.objects.get(pk=done["file"]) if done["file"] else None
    return CarrierFileReport(file, [Refusal(*one) for one in done["refused"]])


@transaction.atomic
def withdraw_carrier_file(*, file_id: int, actor: User | None = None) -> CarrierFile:
    """Let a file not count any more: its orders that did not leave may stand in another one.

    Conflict when it is withdrawn already; NotAllowed without the right to make carrier files.
    """
    check_right(can_make_carrier_files, actor)
    file = CarrierFile.objects.select_for_update().get(pk=file_id)
    if file.withdrawn_at is not None:
        raise Conflict(_("This file is withdrawn already."))
    now = timezone.now()
    count = CarrierSlip.objects.filter(file=file, closed_at=None).update(closed_at=now, end=SlipEnd.WITHDRAWN)
    file.withdrawn_at, file.withdrawn_by = now, actor
    file.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record(CarrierFileWithdrawn(open_count=count), subject=file, actor=actor)
    return file


@transaction.atomic
def close_slips(*, order_ids: Sequence[int], end: SlipEnd) -> int:
    """Close the open slips of orders that left or are off, and return how many."""
    open_slips = CarrierSlip.objects.filter(order_id__in=order_ids, closed_at=None)
    return open_slips.update(closed_at=timezone.now(), end=end)


def _read(carrier_id: int, format_id: int, order_ids: Sequence[int]) -> tuple[Carrier, OutDefinition]:
    if not order_ids:
        raise InvalidInput(_("Choose at least one order."))
    if len(order_ids) > MOST_ORDERS:
        raise InvalidInput(_("A file takes %(count)d orders at most.") % {"count": MOST_ORDERS})
    row = OutFormat.objects.get(pk=format_id)
    if row.kind != FormatKind.CARRIER:
        raise InvalidInput(_("This format is none of a carrier."))
    return Carrier.objects.get(pk=carrier_id), definition_of(row)


def _judged(
    orders: Sequence[Order], definition: OutDefinition, carrier: Carrier, wanted: Wanted, *, again: bool
) -> list[Parcel]:
    """Return all parcels, those that may not leave now with the reason first."""
    stops, now = Stops(orders), timezone.now()
    taken = {} if again else _open_slips(orders)
    parcels = parcels_of(orders, definition, carrier, wanted)
    for parcel in parcels:
        order = parcel.order
        if held := stops.against_leaving(order):
            problem = held
        elif not is_shippable(order):
            words = {"status": order.get_status_display()}
            problem = _("It cannot be shipped while it is “%(status)s”.") % words
        elif number := taken.get(order.pk):
            problem = _("It stands in carrier file %(file)s. Ask for it again if it has to be reprinted.") % {
                "file": number
            }
        else:
            problem = early_problem(order, now)
        if problem:
            parcel.problems.insert(0, problem)
    return parcels


def _open_slips(orders: Sequence[Order]) -> dict[int, str]:
    rows = CarrierSlip.objects.filter(order__in=[order.pk for order in orders], closed_at=None)
    return dict(rows.values_list("order_id", "file__number"))


@transaction.atomic
def _make(
    order_ids: Sequence[int],
    carrier_id: int,
    format_id: int,
    wanted: Wanted,
    actor: User | None,
    *,
    again: bool,
) -> CarrierFileReport:
    carrier, definition = _read(carrier_id, format_id, order_ids)
    locked = lock_orders(order_ids)
    channels = {order.sales_channel_id: order.sales_channel for order in _with_channels(locked)}
    for order in locked:
        order.sales_channel = channels[order.sales_channel_id]
    parcels = {parcel.order.pk: parcel for parcel in _judged(locked, definition, carrier, wanted, again=again)}
    good, refused = sift(order_ids, locked, lambda order: " ".join(parcels[order.pk].problems))
    if not good:
        raise DomainError(refused[0].reason if len(refused) == 1 else _("No order can go into the file."))
    chosen = [parcels[order.pk] for order in good]
    content = write_file(definition, [parcel.row for parcel in chosen])
    [number] = next_numbers(series=SERIES, count=1)
    name = document_number("CF", number)
    file = CarrierFile(
        number=name,
        carrier=carrier,
        format_code=definition.code,
        format_version=definition.version,
        filename=f"{name}_{definition.code}{SUFFIXES[definition.file]}",
        row_count=len(chosen),
        ship_on=wanted.ship_on,
        made_by=actor,
    )
    file.file.save(file.filename, ContentFile(content), save=False)
    file.save()
    _write_slips(file, chosen, again=again)
    facts: list[tuple[Event, int]] = [
        (OrderHandedToCarrier(order_id=order.pk, file=name, carrier=carrier.name), order.pk) for order in good
    ]
    record_many(facts, model=Order, actor=actor)
    record(CarrierFileMade(row_count=len(good), refused_count=len(refused)), subject=file, actor=actor)
    return CarrierFileReport(file, refused)


def _with_channels(orders: Sequence[Order]) -> Sequence[Order]:
    first = {order.sales_channel_id: order.pk for order in orders}
    return list(Order.objects.filter(pk__in=first.values()).select_related("sales_channel"))


def _write_slips(file: CarrierFile, parcels: Sequence[Parcel], *, again: bool) -> None:
    if again:
        close_slips(order_ids=[parcel.order.pk for parcel in parcels], end=SlipEnd.REPLACED)
    CarrierSlip.objects.bulk_create(
        CarrierSlip(
            file=file,
            order=parcel.order,
            position=position,
            kind=parcel.kind,
            temperature=parcel.wanted.temperature,
            box_count=parcel.wanted.box_count,
            cod_amount=parcel.cod_amount,
            currency=parcel.order.currency,
        )
        for position, parcel in enumerate(parcels, 1)
    )
