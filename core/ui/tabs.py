"""Saved views of a list, shown as tabs with counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from core.display import number_text

CAP = 10_000  # counts above are shown as "10,000+": nobody acts on the difference, and an exact one costs a scan

Filter = Q | Callable[[QuerySet[Any], HttpRequest], QuerySet[Any]] | None


@dataclass(frozen=True)
class Tab:
    """One saved view: ``filter`` is a Q, a function of (queryset, request), or None for everything."""

    key: str
    label: Any
    filter: Filter = None
    count: bool = True
    empty: Any = ""  # said when the tab has no row, such as "Nothing to ship. Well done."
    alert: bool = False  # a count above zero is shown in red

    def apply(self, queryset: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
        """Return the rows of this view."""
        if self.filter is None:
            return queryset
        return queryset.filter(self.filter) if isinstance(self.filter, Q) else self.filter(queryset, request)


def capped_counts(querysets: Sequence[QuerySet[Any]], *, cap: int = CAP) -> list[int]:
    """Count each queryset up to ``cap + 1`` in one statement; a sliced one up to its own limit."""
    return counted([counting(queryset, cap=cap) for queryset in querysets])


def counting(queryset: QuerySet[Any], *, cap: int = CAP) -> tuple[str, Sequence[Any]]:
    """Return the part of a statement, with its values, that counts the queryset up to ``cap + 1``."""
    try:
        limited = queryset if queryset.query.is_sliced else queryset.order_by()[: cap + 1]
        sql, params = limited.values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "0", ()
    return f"(SELECT count(*) FROM ({sql}) AS capped)", params  # noqa: S608 composed from the ORM's own statements


def counted(parts: Sequence[tuple[str, Sequence[Any]]]) -> list[int]:
    """Return what these parts count, by one statement."""
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(sql for sql, _values in parts), [one for _sql, values in parts for one in values]
        )
        row = cursor.fetchone()
    return [int(value) for value in row]


def capped_text(count: int, *, cap: int = CAP) -> str:
    """Return "1,234", or "10,000+" above the cap."""
    return f"{number_text(cap)}+" if count > cap else number_text(count)
