"""Goods on shelves and orders for them, new ones for each run."""

import uuid
from collections.abc import Sequence

from django.utils import timezone

from catalog.models import Product, SalesChannel, Variant
from core.search import fold
from inventory.models import EntryKind, Warehouse
from inventory.services import EntryLine, post_entry
from orders.models import Order, OrderLine, OrderStatus


def stocked_variants(count: int, *, on_hand: int) -> list[Variant]:
    """Make active variants with an opening count in one warehouse."""
    run = uuid.uuid4().hex[:8]
    warehouse, _made = Warehouse.objects.get_or_create(code="bench", defaults={"name": "Bench", "country": "KR"})
    product = Product.objects.create(code=f"BENCH-{run}", name="Bench", status="active")
    variants = Variant.objects.bulk_create(Variant(sku=f"BENCH-{run}-{n}", product=product) for n in range(count))
    lines = [EntryLine(variant_id=variant.pk, warehouse_id=warehouse.pk, quantity=on_hand) for variant in variants]
    post_entry(kind=EntryKind.OPENING, lines=lines)
    return variants


def orders_to_confirm(count: int, *, variants: Sequence[Variant], lines: int) -> list[int]:
    """Make orders of ``lines`` lines each, one piece a line, and return their ids."""
    run = uuid.uuid4().hex[:8]
    channel, _made = SalesChannel.objects.get_or_create(
        code="bench", defaults={"name": "Bench", "kind": "own", "currency": "KRW", "country": "KR"}
    )
    orders = Order.objects.bulk_create(
        Order(
            number=f"B-{run}-{n}",
            sales_channel=channel,
            external_number=f"{run}-{n}",
            status=OrderStatus.TO_CONFIRM,
            placed_at=timezone.now(),
            currency="KRW",
            country="KR",
            goods_total=1000 * lines,
            total=1000 * lines,
            line_count=lines,
            is_prepaid=False,
            recipient_name="김민준",
            search_text=fold(f"B-{run}-{n} {run}-{n} 김민준"),
        )
        for n in range(count)
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            position=position,
            external_id=str(position),
            variant=variants[(place * lines + position) % len(variants)],
            sku=variants[(place * lines + position) % len(variants)].sku,
            name="Bench",
            quantity=1,
            unit_price=1000,
            total=1000,
        )
        for place, order in enumerate(orders)
        for position in range(lines)
    )
    return [order.pk for order in orders]
