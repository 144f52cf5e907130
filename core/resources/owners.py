"""What rows belong to is locked before them: a product before its variants and texts, by everybody."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models

from core.copying import array_literal


def lock_owners(owner: "models.ForeignKey[Any, Any] | None", rows: str, params: Sequence[Any] = ()) -> None:
    """Lock, in key order, what ``rows`` (SQL: a FROM and a WHERE about the table ``t``) belong to by ``owner``."""
    if owner is None:
        return
    quote = connection.ops.quote_name
    table, pk = quote(owner.related_model._meta.db_table), quote(str(owner.target_field.column))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT t.{quote(str(owner.column))} {rows}", params)
        # a statement of its own: the planner knows little of tables that are being filled, and joins them in minutes
        owners = array_literal(found for (found,) in cursor.fetchall())
        cursor.execute(f"SELECT FROM {table} o WHERE o.{pk} = ANY(%s) ORDER BY o.{pk} FOR NO KEY UPDATE", [owners])
