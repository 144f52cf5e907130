"""What orders still want of stock: sold pieces that are not reserved yet."""

from collections.abc import Collection, Iterable, Iterator

from django.db.models import F, Q

from catalog.models import BundleComponent
from catalog.selectors.bundling import bundle_contents
from inventory.outlook import Waiting, register_waiting
from orders.models import LineKind, OrderLine, OrderStatus
from orders.services.allocating import SHIPPING
from orders.services.holdings import held_for

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
    lines = (
        OrderLine.objects.filter(variant_id__in=wanted | bundles, kind=LineKind.PRODUCT)
        .filter(Q(order__status__in=WAITING_STATUSES) | Q(order__ships_in_parts=True, order__status__in=SHIPPING))
        .annotate(left=F("quantity") - F("shipped_count") - F("cancelled_count"))
        .filter(left__gt=0)
        .select_related("order")
    )
    held = _held_in_parts(lines)
    for line in lines:
        left = line.open_count - held.get(line.pk, 0)
        for piece_id, per_unit in contents.get(line.variant_id or 0, {line.variant_id: 1}).items():
            if piece_id in wanted and left:
                yield Waiting(
                    variant_id=piece_id,
                    quantity=left * per_unit,
                    sales_channel_id=line.order.sales_channel_id,
                    since=line.order.placed_at,
                    promised_for=line.order.ship_by,
                    reference=line.order.number,
                    page="orders_order_change",
                    page_id=line.order_id,
                )


def _held_in_parts(lines: Iterable[OrderLine]) -> dict[int, int]:
    """Return how many pieces are reserved already for lines of orders that ship in parts."""
    ids = [line.pk for line in lines if line.order.ships_in_parts]
    return {pk: sum(one.quantity for one in held) for pk, held in held_for(ids).items()} if ids else {}


def _bundles_with(variant_ids: set[int]) -> set[int]:
    """Return the bundles that contain one of the variants, at any depth."""
    found: set[int] = set()
    level = variant_ids
    while level:
        level = set(BundleComponent.objects.filter(component_id__in=level).values_list("bundle_id", flat=True)) - found
        found |= level
    return found


register_waiting("orders", sold_pieces)
