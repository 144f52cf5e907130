"""Products that a file of orders mentions and nobody has registered yet."""

import json
from collections.abc import Mapping

from django.db import connection, transaction

from catalog.models import Product, ProductNames, ProductStatus, Variant
from core.copying import copy_rows, draw_ids
from core.search import fold


@transaction.atomic
def register_skus(*, names: Mapping[str, str]) -> dict[str, int]:
    """Make a draft product with one variant for each SKU that is new and return SKU -> variant id for all of them.

    ``names`` is SKU -> name. A person completes the drafts later; SKUs over 60 characters are left out.
    """
    wanted = {sku: name for sku, name in names.items() if 0 < len(sku) <= 60}
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM catalog_product WHERE code = ANY(%s)", [list(wanted)])
        taken = {row[0] for row in cursor.fetchall()}
    new = [sku for sku in wanted if sku not in taken]
    products, variants = draw_ids(Product, len(new)), draw_ids(Variant, len(new))
    copy_rows(
        Product,
        ("id", "code", "name", "brand", "status", "image_path", "search_text", "updated_at"),
        (
            (
                pk,
                sku,
                (wanted[sku] or sku)[:255],
                "",
                ProductStatus.DRAFT.value,
                "",
                fold(f"{sku} {wanted[sku]}"),
                "now",
            )
            for pk, sku in zip(products, new, strict=True)
        ),
    )
    copy_rows(
        Variant,
        ("id", "product_id", "sku", "name", "barcode", "is_active", "search_text"),
        (
            (pk, product, sku, "", "", True, fold(f"{sku} {wanted[sku]}"))
            for pk, product, sku in zip(variants, products, new, strict=True)
        ),
    )
    copy_rows(
        ProductNames,
        ("product_id", "names", "skus"),
        (
            (pk, [sku, (wanted[sku] or sku)[:255]], json.dumps({str(variant): sku}, ensure_ascii=False))
            for pk, variant, sku in zip(products, variants, new, strict=True)
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT sku, id FROM catalog_variant WHERE sku = ANY(%s)", [list(wanted)])
        return dict(cursor.fetchall())
