"""What is short: orders that wait for a variant that is not there and may not be sold ahead."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q

from catalog.selectors.bundling import bundle_contents, with_their_bundles
from inventory.models import IncomingSold, StockItem, StockPolicy
from inventory.outlook import arrivals_of
from inventory.selectors import serving_warehouses, shop_day, sold_ahead
from orders.models import LineKind, OrderLine, OrderStatus, Oversell
from orders.services.allocating import SHIPPING
from orders.services.holdings import held_for

WAITS = Q(order__status=OrderStatus.AWAITING_STOCK) | Q(order__ships_in_parts=True, order__status__in=SHIPPING)


def short_lines(*, variant_ids: Collection[int]) -> dict[int, list[tuple[OrderLine, int]]]:
    """Return variant id -> [(order line, pieces of the variant it still lacks)], who waited longest first.

    A line that sells a bundle lacks the pieces in it. Lines come with their order and sales channel.
    """
    wanted = set(variant_ids)
    sold = with_their_bundles(variant_ids=wanted)
    contents = bundle_contents(variant_ids=sold)
    rows = (
        OrderLine.objects.filter(WAITS, variant_id__in=sold, kind=LineKind.PRODUCT)
        .select_related("order__sales_channel")
        .order_by("order__placed_at", "order_id", "position", "pk")
    )
    lines = [line for line in rows if line.open_count]
    held = held_for([line.pk for line in lines if line.order.ships_in_parts])
    found: dict[int, list[tuple[OrderLine, int]]] = defaultdict(list)
    for line in lines:
        left = line.open_count - sum(one.quantity for one in held.get(line.pk, ()))
        parts = contents.get(line.variant_id or 0) or {line.variant_id or 0: 1}
        for variant in wanted & parts.keys() if left else ():
            found[variant].append((line, left * parts[variant]))
    return dict(found)


def oversold_pieces(*, variant_ids: Collection[int]) -> dict[int, int]:
    """Return how many pieces of each variant were sold and confirmed that are not there and may not be sold ahead.

    Counted is what is available in the warehouses that serve the waiting channels, incoming pieces where the stock
    policy sells them, and what it allows to be sold ahead. A constant number of statements.
    """
    lines = short_lines(variant_ids=variant_ids)
    serving = serving_warehouses()
    everywhere = serving.pop(0)
    places = {
        pk: set().union(*(serving.get(line.order.sales_channel_id, everywhere) for line, _pieces in rows))
        for pk, rows in lines.items()
    }
    there: dict[int, int] = defaultdict(int)
    for item in StockItem.objects.filter(variant__in=lines, warehouse__is_active=True):
        if item.warehouse_id in places[item.variant_id]:
            there[item.variant_id] += item.available
    policies = {row.variant_id: row for row in StockPolicy.objects.filter(variant__in=lines)}
    early = [pk for pk, row in policies.items() if row.incoming_sold == IncomingSold.AT_ORDER]
    for pk, arrivals in arrivals_of(variant_ids=early).items() if early else ():
        there[pk] += sum(row.quantity for row in arrivals if row.warehouse_id in places[pk])
    today = shop_day()
    found = dict.fromkeys(variant_ids, 0)
    for pk, rows in lines.items():
        limit = sold_ahead(policies.get(pk), today).limit
        if limit is not None:
            found[pk] = max(0, sum(pieces for _line, pieces in rows) - there[pk] - limit)
    return found


def variants_of_order(order_id: int) -> list[int]:
    """Return what an order's lines sell, down to what lies on a shelf."""
    lines = OrderLine.objects.filter(order_id=order_id, kind=LineKind.PRODUCT, variant__isnull=False)
    sold = {pk for pk in lines.values_list("variant_id", flat=True) if pk is not None}
    contents = bundle_contents(variant_ids=sold)
    return sorted({part for pk in sold for part in contents.get(pk, {pk: 1})})


def with_open_oversell(variant_ids: Collection[int] | None) -> list[int]:
    """Return those of the variants (None: of all) that have an open oversell."""
    rows = Oversell.objects.filter(closed_at=None)
    rows = rows if variant_ids is None else rows.filter(variant__in=variant_ids)
    return list(rows.order_by("variant_id").values_list("variant_id", flat=True))


def variants_waited_for() -> list[int]:
    """Return every variant that an order waits for or that has an open oversell."""
    lines = OrderLine.objects.filter(WAITS, kind=LineKind.PRODUCT, variant__isnull=False)
    sold = {pk for pk in lines.values_list("variant_id", flat=True).distinct() if pk is not None}
    contents = bundle_contents(variant_ids=sold)
    return sorted({part for pk in sold for part in contents.get(pk, {pk: 1})} | set(with_open_oversell(None)))
