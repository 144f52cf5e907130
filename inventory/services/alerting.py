"""From how few pieces on somebody wants to know: the level of each stock item."""

from collections import defaultdict
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Product, Variant
from core.copying import update_rows
from core.errors import InvalidInput, NotAllowed
from core.events import record_many
from inventory.events import AlertLevelsSet
from inventory.models import StockItem, Warehouse
from inventory.policies import can_change_alert_levels
from inventory.services.ledger import lock_items
from staff.models import User

MOST = 10_000_000
MOST_TOLD = 12  # levels that one event quotes; the others are counted


@transaction.atomic
def set_alert_levels(*, levels: Mapping[tuple[int, int], int], actor: User | None = None) -> int:
    """Set the level of many (variant id, warehouse id) and return how many differ now; told to the product's history.

    A variant that was never stocked there gets an empty stock item for it. InvalidInput for what is no number of
    pieces; NotAllowed without the right. Then nothing is written.
    """
    if actor is not None and not can_change_alert_levels(actor):
        raise NotAllowed(_("You may not change stock buffers."))
    if any(not 0 <= level <= MOST for level in levels.values()):
        raise InvalidInput(_("Write a whole number from 0 to %(most)s.") % {"most": f"{MOST:,}"})
    variant_ids = {variant_id for variant_id, _warehouse in levels}
    warehouse_ids = {warehouse_id for _variant, warehouse_id in levels}
    StockItem.objects.bulk_create(
        [
            StockItem(variant_id=variant, warehouse_id=warehouse)
            for (variant, warehouse), level in levels.items()
            if level
        ],
        ignore_conflicts=True,
    )
    items = lock_items(variant_id__in=variant_ids, warehouse_id__in=warehouse_ids)
    changed = [
        (item, levels[item.variant_id, item.warehouse_id])
        for item in items
        if levels.get((item.variant_id, item.warehouse_id), item.low_at) != item.low_at
    ]
    update_rows(StockItem, [("low_at", "integer")], [(item.pk, level) for item, level in changed])
    _record(changed, actor)
    return len(changed)


def _record(changed: list[tuple[StockItem, int]], actor: User | None) -> None:
    variants = Variant.objects.in_bulk({item.variant_id for item, _level in changed})
    warehouses = Warehouse.objects.in_bulk({item.warehouse_id for item, _level in changed})
    of_product: dict[int, list[list[str | int]]] = defaultdict(list)
    for item, level in changed:
        variant = variants[item.variant_id]
        of_product[variant.product_id].append([variant.sku, warehouses[item.warehouse_id].name, item.low_at, level])
    record_many(
        [
            (AlertLevelsSet(product_id=pk, levels=levels[:MOST_TOLD], count=len(levels)), pk)
            for pk, levels in of_product.items()
        ],
        model=Product,
        actor=actor,
    )
