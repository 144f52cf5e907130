"""Keeping the words by which products and variants are found."""

from collections.abc import Collection

from django.db import connection, transaction

from core.search import fold


@transaction.atomic
def refresh_search_text(*, product_ids: Collection[int]) -> None:
    """Put together the search texts of these products and of all their variants; unchanged ones are not written.

    A product is found by code, name, titles in all languages, brand and SKUs; a variant by SKU, names of its product,
    options and barcode. For thousands of products at once; call it after whatever changed one of these.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, concat_ws(' ', p.code, p.name, p.brand, t.titles, v.skus), concat_ws(' ', p.name, t.titles)"
            " FROM catalog_product p"
            " LEFT JOIN LATERAL (SELECT string_agg(title, ' ' ORDER BY language) AS titles FROM catalog_producttext"
            " WHERE product_id = p.id) t ON true"
            " LEFT JOIN LATERAL (SELECT string_agg(sku, ' ' ORDER BY sku) AS skus FROM catalog_variant"
            " WHERE product_id = p.id) v ON true WHERE p.id = ANY(%s)",
            [list(product_ids)],
        )
        products = cursor.fetchall()
        names = {pk: names for pk, _text, names in products}
        _write("catalog_product", [(pk, fold(text)) for pk, text, _names in products])
        cursor.execute(
            "SELECT id, product_id, concat_ws(' ', sku, name, barcode) FROM catalog_variant WHERE product_id = ANY(%s)",
            [list(product_ids)],
        )
        _write("catalog_variant", [(pk, fold(f"{text} {names[product]}")) for pk, product, text in cursor.fetchall()])


def _write(table: str, texts: list[tuple[int, str]]) -> None:
    if not texts:
        return
    ids, words = zip(*texts, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET search_text = n.words FROM unnest(%s::bigint[], %s::text[]) AS n(id, words)"  # noqa: S608 two names of our own
            " WHERE t.id = n.id AND t.search_text IS DISTINCT FROM n.words",
            [list(ids), list(words)],
        )
