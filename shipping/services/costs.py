"""What a parcel costs: by the carrier's tariff of its day, its weight and where it goes, or as somebody wrote it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db import transaction
from django.db.models import F, IntegerField, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from addresses.selectors.remote import surcharge_zones
from core.errors import InvalidInput
from inventory.selectors import shop_day
from orders.models import Shipment, ShipmentLine
from orders.services.batches import check_right
from shipping.models import Carrier, CarrierTariff, ParcelCost
from shipping.policies import can_set_parcel_costs
from shipping.selectors.carriers import CarrierBook
from staff.models import User


class Tariffs:
    """The tariffs of some carriers, read once for a batch."""

    def __init__(self, carrier_ids: Iterable[int]) -> None:
        self._rows: dict[int, list[CarrierTariff]] = defaultdict(list)
        for row in CarrierTariff.objects.filter(carrier__in=set(carrier_ids)).order_by("-valid_from", "pk"):
            self._rows[row.carrier_id].append(row)

    def base(
        self, carrier_id: int, warehouse_id: int | None, zone: str, weight_g: int, day: date
    ) -> CarrierTariff | None:
        """Return the tariff that counts: of this warehouse before of any, of this zone before of any, the lightest that
        takes the weight, the newest of its day.
        """
        fitting = [
            row
            for row in self._of(carrier_id, warehouse_id, day, is_surcharge=False)
            if row.zone in {"", zone} and (row.up_to_weight_g is None or weight_g <= row.up_to_weight_g)
        ]
        return min(fitting, key=_rank, default=None)

    def surcharge(self, carrier_id: int, warehouse_id: int | None, zone: str, day: date) -> CarrierTariff | None:
        """Return what comes on top in a surcharge zone; None outside of any."""
        rows = self._of(carrier_id, warehouse_id, day, is_surcharge=True) if zone else []
        return min((row for row in rows if row.zone in {"", zone}), key=_rank, default=None)

    def _of(self, carrier_id: int, warehouse_id: int | None, day: date, *, is_surcharge: bool) -> list[CarrierTariff]:
        return [
            row
            for row in self._rows[carrier_id]
            if row.is_surcharge == is_surcharge
            and row.warehouse_id in {None, warehouse_id}
            and row.valid_from <= day
            and (row.valid_until is None or day <= row.valid_until)
        ]


def _rank(row: CarrierTariff) -> tuple[bool, bool, float, int]:
    weight = float("inf") if row.up_to_weight_g is None else row.up_to_weight_g
    return row.warehouse_id is None, not row.zone, weight, -row.valid_from.toordinal()


@transaction.atomic
def compute_costs(*, shipment_ids: Sequence[int]) -> int:
    """Write what these parcels cost where a tariff says so; return how many. What was written by hand stays.

    Fixed statements for any number; again gives the same. A parcel without a known carrier or tariff gets no row.
    """
    book = CarrierBook()
    parcels = list(
        Shipment.objects.filter(pk__in=shipment_ids)
        .exclude(cost__is_by_hand=True)
        .select_related("order")
        .order_by("pk")
    )
    carriers = {parcel.pk: book.meant_by(parcel.carrier) for parcel in parcels}
    tariffs = Tariffs(carrier.pk for carrier in carriers.values() if carrier)
    weights = _weights([parcel.pk for parcel in parcels])
    remote = surcharge_zones({(parcel.order.country, parcel.order.postcode) for parcel in parcels})
    rows = []
    for parcel in parcels:
        carrier = carriers[parcel.pk]
        place = remote.get((parcel.order.country, parcel.order.postcode))
        zone = place.code if place else ""
        cost = carrier and _cost(parcel, carrier, tariffs, weights.get(parcel.pk, 0), zone)
        if cost:
            rows.append(cost)
    ParcelCost.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["shipment"],
        update_fields=["carrier", "weight_g", "base_amount", "surcharge_amount", "currency", "computed_at"],
    )
    return len(rows)


def _cost(parcel: Shipment, carrier: Carrier, tariffs: Tariffs, weight_g: int, remote: str) -> ParcelCost | None:
    order, day = parcel.order, shop_day(parcel.shipped_at)
    base = tariffs.base(carrier.pk, parcel.warehouse_id, order.region, weight_g, day)
    if base is None:
        return None
    extra = tariffs.surcharge(carrier.pk, parcel.warehouse_id, remote, day)
    same = extra if extra is not None and extra.currency == base.currency else None
    return ParcelCost(
        shipment=parcel,
        carrier=carrier,
        weight_g=weight_g,
        base_amount=base.amount,
        surcharge_amount=same.amount if same else 0,
        currency=base.currency,
        computed_at=timezone.now(),
    )


def _weights(shipment_ids: Sequence[int]) -> Mapping[int, int]:
    rows = (
        ShipmentLine.objects.filter(shipment__in=shipment_ids)
        .values("shipment_id")
        .annotate(grams=Sum(F("quantity") * Coalesce(F("line__variant__weight_g"), 0), output_field=IntegerField()))
    )
    return {row["shipment_id"]: row["grams"] or 0 for row in rows}


@transaction.atomic
def set_parcel_cost(
    *, shipment_id: int, carrier_id: int, amount: int, currency: str, actor: User | None = None
) -> ParcelCost:
    """Write what a parcel really cost, in minor units; a tariff does not change it any more.

    InvalidInput for a negative amount, NotAllowed without the right.
    """
    check_right(can_set_parcel_costs, actor)
    if amount < 0:
        raise InvalidInput(_("A parcel costs nothing or more."))
    values = {
        "carrier_id": carrier_id,
        "base_amount": amount,
        "surcharge_amount": 0,
        "currency": currency,
        "is_by_hand": True,
        "computed_at": timezone.now(),
    }
    row, _made = ParcelCost.objects.update_or_create(shipment_id=shipment_id, defaults=values)
    return row
