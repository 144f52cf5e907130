"""A planned parcel leaves: all that lies in it, with one tracking number."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import DomainError, InvalidInput
from orders.models import Parcel, ParcelPiece, ParcelState, Shipment
from orders.policies import can_ship_orders
from orders.services.batches import check_right, goods_of, lock_orders, sift
from orders.services.dispatching import Label, dispatch
from orders.services.shipping import leaving_problem
from staff.models import User


def ship_parcel(
    *,
    parcel_id: int,
    carrier: str = "",
    tracking_number: str = "",
    serials: Mapping[int, Sequence[str]] | None = None,
    at: datetime | None = None,
    key: str = "",
    actor: User | None = None,
) -> list[Shipment]:
    """Ship a planned parcel and return its shipments, one for each order, all with the same tracking number.

    The same ``key`` answers with the same shipments. DomainError when the parcel left or was undone already, or when
    one of its orders may not leave: then none leaves. NotAllowed without the right to ship.
    """
    check_right(can_ship_orders, actor)

    @transaction.atomic  # not around ``once``: a kept refusal must outlive it
    def run() -> list[int]:
        return [one.pk for one in _ship(parcel_id, carrier, tracking_number, serials or {}, at, actor)]

    said = {"parcel": parcel_id, "carrier": carrier, "tracking_number": tracking_number}
    ids = once(key=f"orders.parcel:{key}", parameters=said, run=run) if key else run()
    return list(Shipment.objects.filter(pk__in=ids).order_by("pk"))


def _ship(
    parcel_id: int,
    carrier: str,
    tracking_number: str,
    serials: Mapping[int, Sequence[str]],
    at: datetime | None,
    actor: User | None,
) -> list[Shipment]:
    """Ship it: lock its orders by primary key, then read again what is in it, as somebody may have changed that."""
    rows = ParcelPiece.objects.filter(parcel=parcel_id).values_list("line__order_id", flat=True)
    ids = sorted(set(rows))
    locked = lock_orders(ids)
    pieces = _planned_pieces(parcel_id)
    if sorted(pieces) != ids:
        raise DomainError(_("The parcel was changed meanwhile. Reload the page."))
    orders, refused = sift(ids, locked, leaving_problem(locked, at))
    if refused:
        raise DomainError(f"{refused[0].number}: {refused[0].reason}")
    numbers = {order.pk: tracking_number for order in orders}
    label = Label(carrier, numbers, at, serials, parcel_id=parcel_id)
    report = dispatch(orders, goods_of(orders), pieces, label, actor)
    if report.refused:
        raise DomainError(f"{report.refused[0].number}: {report.refused[0].reason}")
    return [one for order in orders for one in report.shipments[order.pk]]


def _planned_pieces(parcel_id: int) -> dict[int, dict[int, int]]:
    """Return order -> line -> pieces of a planned parcel, read under the orders' locks."""
    parcel = Parcel.objects.filter(pk=parcel_id).first()
    if parcel is None or parcel.state != ParcelState.PLANNED:
        raise InvalidInput(_("The parcel left already, or somebody undid it."))
    found: dict[int, dict[int, int]] = defaultdict(dict)
    rows = ParcelPiece.objects.filter(parcel=parcel).values_list("line__order_id", "line_id", "quantity")
    for order, line, quantity in rows:
        found[order][line] = quantity
    return dict(found)
