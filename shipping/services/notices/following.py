"""What follows when a parcel left: its channel is owed the news, its carrier's price is known, its slip is done."""

from collections.abc import Sequence

from django.db import transaction

from orders.models import Shipment
from shipping.models import SlipEnd
from shipping.services.costs import compute_costs
from shipping.services.files.making import close_slips
from shipping.services.notices.owing import owe_notices


@transaction.atomic
def follow_parcels(*, shipment_ids: Sequence[int]) -> None:
    """Close the slips of what left, owe the notices and compute the costs; again changes nothing."""
    orders = Shipment.objects.filter(pk__in=shipment_ids).values_list("order_id", flat=True)
    close_slips(order_ids=list(orders), end=SlipEnd.SHIPPED)
    owe_notices(shipment_ids=shipment_ids)
    compute_costs(shipment_ids=shipment_ids)
