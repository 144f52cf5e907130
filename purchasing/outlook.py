"""What suppliers still owe: pieces of purchase orders that were sent."""

from collections.abc import Collection, Iterator

from django.db.models import F
from django.db.models.functions import Coalesce

from inventory.outlook import Arrival, register_arrivals
from purchasing.models import EXPECTED_STATES, PurchaseOrderLine


def ordered_pieces(variant_ids: Collection[int]) -> Iterator[Arrival]:
    """Give the open lines of sent purchase orders."""
    rows = (
        PurchaseOrderLine.objects.filter(variant_id__in=variant_ids, order__state__in=EXPECTED_STATES)
        .annotate(left=F("quantity") - F("received") - F("given_up"), due=Coalesce("expected_on", "order__expected_on"))
        .filter(left__gt=0)
        .values_list("variant_id", "left", "due", "order_id", "order__number", "order__warehouse_id")
    )
    for variant_id, left, due, order_id, number, warehouse_id in rows:
        yield Arrival(
            variant_id=variant_id,
            warehouse_id=warehouse_id,
            quantity=left,
            expected_on=due,
            reference=number,
            page="purchasing_purchaseorder_change",
            page_id=order_id,
        )


register_arrivals("purchase orders", ordered_pieces)
