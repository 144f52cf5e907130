"""Search texts of variants on their way out of a file into the table."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from catalog.services.products.searching import NewWords, compose_variant_texts
from core.copying import array_literal
from core.resources import LEAVE, Batch

WORDS = ("product", "sku", "name", "barcode")


def variant_texts(batch: Batch, indexes: Sequence[int]) -> Mapping[int, Sequence[Any]]:
    """Return row index -> (search text,), of the file's cells and, where they say nothing, of the table's."""
    given = {column.name: column.values for column in batch.merge.columns if column.name in WORDS}
    pks = {n: batch.merge.matches[n] for n in indexes if n in batch.merge.matches}
    is_whole = len(given) == len(WORDS) and not any(LEAVE in values for values in given.values())
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
