"""What orders still want of stock: sold pieces that are not reserved yet."""

from collections.abc import Collection, Iterator

from django.db.models import F

from catalog.models import BundleComponent
from catalog.selectors.bundling import bundle_contents
from inventory.outlook import Waiting, register_waiting
from orders.models import LineKind, OrderLine, OrderStatus

# sold, and nothing is reserved for them yet
WAITING_STATUSES = (
    OrderStatus.NEW,
    OrderStatus.AWAITING_PAYMENT,
    OrderStatus.TO_CONFIRM,
    OrderStatus.AWAITING_STOCK,
)


def sold_pieces(variant_ids: Collection[int]) -> Iterator[Waiting]:
    """Give the open lines of these variants without reserved stock; a bundle waits for the pieces in it."""
    wanted = set(variant_ids)
    bundles = _bundles_with(wanted)
    contents = bundle_contents(variant_ids=bundles)
    rows = (
        OrderLine.objects.filter(
            variant_id__in=wanted | bundles, kind=LineKind.PRODUCT, order__status__in=WAITING_STATUSES
        )
        .annotate(left=F("quantity") - F("shipped_count") - F("cancelled_count"))
        .filter(left__gt=0)
        .values_list("variant_id", "left", "order_id", "order__number", "order__sales_channel_id", "order__placed_at",
                     "order__ship_by")
    )  # fmt: skip
    for variant_id, left, order_id, number, channel_id, placed_at, ship_by in rows:
        for piece_id, per_unit in contents.get(variant_id, {variant_id: 1}).items():
            if piece_id in wanted:
                yield Waiting(
                    variant_id=piece_id,
                    quantity=left * per_unit,
                    sales_channel_id=channel_id,
                    since=placed_at,
                    promised_for=ship_by,
                    reference=number,
                    page="orders_order_change",
                    page_id=order_id,
                )


def _bundles_with(variant_ids: set[int]) -> set[int]:
    """Return the bundles that contain one of the variants, at any depth."""
    found: set[int] = set()
    level = variant_ids
    while level:
        level = set(BundleComponent.objects.filter(component_id__in=level).values_list("bundle_id", flat=True)) - found
        found |= level
    return found


register_waiting("orders", sold_pieces)
