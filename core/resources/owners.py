"""What rows belong to is locked before them: a product before its variants and texts, by everybody."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models


def lock_owners(owner: "models.ForeignKey[Any, Any] | None", rows: str, params: Sequence[Any] = ()) -> None:
    """Lock, in key order, what ``rows`` (SQL: a FROM and a WHERE about the table ``t``) belong to by ``owner``."""
    if owner is None:
        return
    quote = connection.ops.quote_name
    table, pk = quote(owner.related_model._meta.db_table), quote(str(owner.target_field.column))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT FROM {table} o WHERE o.{pk} IN (SELECT t.{quote(str(owner.column))} {rows}) "
            f"ORDER BY o.{pk} FOR NO KEY UPDATE",
            params,
        )
