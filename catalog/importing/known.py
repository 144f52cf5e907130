"""What the catalogue has of the keys in a file: one array in one statement; lists of parameters are slow to send.

An array has the type of its column: PostgreSQL walks through all of a smallint[] for every bigint it compares.
"""

from collections.abc import Iterable

from django.db import connection, models

from core.copying import array_literal


def variants_by_sku(skus: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return SKU -> (variant id, product id) of those that exist."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sku, id, product_id FROM catalog_variant WHERE sku = ANY(%s)", [list(set(skus))])
        return {sku: (pk, product) for sku, pk, product in cursor.fetchall()}


def ids_by_key(model: type[models.Model], field: str, keys: Iterable[str]) -> dict[str, int]:
    """Return key -> id of the rows of a table whose text column ``field`` is one of the keys."""
    quote = connection.ops.quote_name
    column = quote(str(next(f.column for f in model._meta.concrete_fields if f.name == field)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column}, id FROM {quote(model._meta.db_table)} WHERE {column} = ANY(%s)",  # noqa: S608 names of the model
            [list(set(keys))],
        )
        return dict(cursor.fetchall())


def products_behind(model: type[models.Model], pks: Iterable[int]) -> set[int]:
    """Return the products that rows of a table belong to."""
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT product_id FROM {table} WHERE id = ANY(%s::bigint[])",  # noqa: S608 a name of the model
            [array_literal(pks)],
        )
        return {pk for (pk,) in cursor.fetchall()}
