"""The last piece is in: the parcel is shipped, its order is packed, its wave perhaps done."""

from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.events import record
from orders.services import ship_from_warehouse
from shipping.events import OrderPacked
from shipping.models import MISTAKES, Carrier, Packing, PackingState, WaveOrder
from shipping.selectors.packing import Parcel
from shipping.selectors.waving import IN_A_WAVE, carrier_of
from shipping.services.waves.leaving import end_if_empty, lock_waves
from staff.models import User


def complete_packing(*, packing: Packing, parcel: Parcel, tracking_number: str, actor: User | None) -> None:
    """Ship what was scanned of the locked order; the packing and its place in the wave are packed.

    DomainError with the reason when it cannot be shipped now, InvalidInput for a tracking number that the carrier
    cannot have given: the caller's savepoint undoes all of it.
    """
    order = packing.order
    carrier = carrier_of(order, packing.warehouse_id)
    _check_label(carrier, tracking_number)
    shipment = ship_from_warehouse(
        order_id=order.pk,
        warehouse_id=packing.warehouse_id,
        quantities=parcel.units(),
        carrier=carrier.own_name if carrier else "",
        tracking_number=tracking_number,
        serials=parcel.serials() or None,
        actor=actor,
    )
    packing.state, packing.shipment, packing.ended_at = PackingState.PACKED, shipment, timezone.now()
    packing.packed_by = actor or packing.packed_by
    packing.save(update_fields=["state", "shipment", "ended_at", "packed_by"])
    mistakes = packing.checks.filter(outcome__in=MISTAKES).count()
    fact = OrderPacked(order_id=order.pk, shipment=shipment.number, piece_count=parcel.wanted, mistake_count=mistakes)
    record(fact, subject=order, actor=actor)
    inside = WaveOrder.objects.filter(IN_A_WAVE, order=order)
    waves = lock_waves(set(inside.values_list("wave_id", flat=True)))
    inside.update(packed_at=packing.ended_at)
    for wave in waves:
        end_if_empty(wave, actor)


def _check_label(carrier: Carrier | None, tracking_number: str) -> None:
    if tracking_number and carrier is not None and carrier.number_problem(tracking_number):
        raise InvalidInput(
            _("“%(number)s” is no tracking number of %(carrier)s.") % {"number": tracking_number, "carrier": carrier}
        )
