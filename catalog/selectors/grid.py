"""What the grid reads, each in one statement however many rows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from catalog.models import ProductText, Variant

MOST_PATHS = 20_000
SEPARATOR = " > "


def category_paths() -> dict[int, str]:
    """Return category id -> its way from the top, such as "Food > Tea", in the order of the tree."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE tree (id, path, place) AS ("
            " SELECT id, name::text, ARRAY[position::text || ' ' || name] FROM catalog_category WHERE parent_id IS NULL"
            " UNION ALL SELECT c.id, tree.path || %s || c.name, tree.place || (c.position::text || ' ' || c.name)"
            " FROM catalog_category c JOIN tree ON c.parent_id = tree.id)"
            " SELECT id, path FROM tree ORDER BY place, id LIMIT %s",
            [SEPARATOR, MOST_PATHS],
        )
        return dict(cursor.fetchall())


def goods_values(*, variant_ids: Collection[int], fields: Sequence[str]) -> list[dict[str, Any]]:
    """Return id, product_id and ``fields`` (paths from the variant) of each variant."""
    rows = Variant.objects.filter(pk__in=variant_ids).order_by()
    return list(rows.values("id", "product_id", *fields))


def base_texts(*, product_ids: Collection[int], fields: Sequence[str]) -> dict[tuple[int, str], dict[str, Any]]:
    """Return the texts that hold on every channel: (product id, language) -> ``fields``."""
    rows = ProductText.objects.filter(product__in=product_ids, sales_channel=None).order_by()
    return {(row["product_id"], row["language"]): row for row in rows.values("product_id", "language", *fields)}


def taken_barcodes(*, barcodes: Collection[str], except_ids: Collection[int]) -> dict[str, str]:
    """Return which of these barcodes other variants have: barcode -> SKU."""
    rows = Variant.objects.filter(barcode__in=barcodes).exclude(pk__in=except_ids).exclude(barcode="")
    return dict(rows.values_list("barcode", "sku"))


@dataclass(frozen=True, slots=True)
class GridPrice:
    """What holds now of one variant on one channel, or waits for approval; ``variant_id`` None: only the channel."""

    sales_channel_id: int
    channel: str
    currency: str
    variant_id: int | None
    amount: int | None
    compare_at: int | None
    list_price: int | None
    cost: int | None
    is_waiting: bool


def grid_prices(*, variant_ids: Collection[int]) -> list[GridPrice]:
    """Return each active channel at least once, with the prices of these variants that run or wait, by channel."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.name, c.currency, p.variant_id, p.amount, p.compare_at, p.list_price, p.cost, false"
            " FROM catalog_saleschannel c LEFT JOIN catalog_price p ON p.sales_channel_id = c.id"
            " AND p.variant_id = ANY(%(ids)s) AND p.starts_at <= %(now)s"
            " AND (p.ends_at IS NULL OR p.ends_at > %(now)s)"
            " WHERE c.is_active"
            " UNION ALL SELECT c.id, c.name, c.currency, w.variant_id, w.amount, w.compare_at, w.list_price, w.cost,"
            " true FROM catalog_saleschannel c JOIN catalog_priceproposal w ON w.sales_channel_id = c.id"
            " AND w.variant_id = ANY(%(ids)s) AND w.state = 'waiting' WHERE c.is_active"
            " ORDER BY 2, 1, 9",
            {"ids": list(variant_ids), "now": timezone.now()},
        )
        return [GridPrice(*row) for row in cursor.fetchall()]
