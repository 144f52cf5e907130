"""Search texts of variants on their way out of a file into the table."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection

from catalog.services.products.searching import NewWords, compose_variant_texts
from core.copying import array_literal
from core.resources import LEAVE, Batch

WORDS = ("product", "sku", "name", "barcode")
BLOCK = 5_000  # rows whose texts are in memory at a time


def variant_texts(batch: Batch, indexes: Sequence[int]) -> Iterator[Mapping[int, Sequence[Any]]]:
    """Yield row index -> (search text,), of the file's cells and, where they say nothing, of the table's."""
    columns = [column for column in batch.merge.columns if column.name in WORDS]
    given = {column.name: column.values for column in columns}
    is_whole = len(columns) == len(WORDS) and not any(column.leaves for column in columns)
    product = next((column for column in columns if column.name == "product" and not column.leaves), None)
    # variants of a product beside each other: it is looked at in one block only
    ordered = sorted(indexes, key=product.values.__getitem__) if product else indexes
    for first in range(0, len(ordered), BLOCK):
        yield _texts(batch.merge.matches, ordered[first : first + BLOCK], given, is_whole=is_whole)


def _texts(
    matches: Mapping[int, Any], indexes: Sequence[int], given: Mapping[str, Sequence[Any]], *, is_whole: bool
) -> dict[int, Sequence[Any]]:
    pks = {n: matches[n] for n in indexes if n in matches}
    stored = {} if is_whole else _stored(list(pks.values()))
    rows: list[NewWords] = []
    for n in indexes:
        pk = pks.get(n)
        old = stored.get(pk, NOTHING) if pk else NOTHING
        cells: list[Any] = [given[name][n] if name in given else LEAVE for name in WORDS]
        product, sku, name, barcode = [old[place] if cell is LEAVE else cell for place, cell in enumerate(cells)]
        rows.append((product, pk, sku, name, barcode))
    return {n: (text,) for n, text in zip(indexes, compose_variant_texts(variants=rows), strict=True)}


NOTHING = (0, "", "", "")  # of a new variant: its name and barcode may be left out


def _stored(pks: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, product_id, sku, name, barcode FROM catalog_variant WHERE id = ANY(%s::bigint[])",
            [array_literal(pks)],
        )
        return {pk: tuple(words) for pk, *words in cursor.fetchall()}
