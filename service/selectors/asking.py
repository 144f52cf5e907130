"""Statements that pages ask every twelve seconds: the ORM writes each once, then only its values are filled in."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from copy import copy
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from staff.models import User

# stand in a kept statement for what differs from question to question; no row and no constant has these values
WHO, WHICH, WHEN = -1, -2, datetime(1, 1, 1, tzinfo=UTC)
Statement = tuple[str, Sequence[Any]]
_kept: dict[Hashable, Statement] = {}


def nobody_like(user: User) -> User:
    """Return somebody with the same rights whose key is ``WHO``: for whom a statement is written."""
    someone = copy(user)
    someone.pk = WHO
    return someone


def kept(key: Hashable, write: Callable[[], Statement], values: Mapping[Any, Any]) -> Statement:
    """Return the statement of this key with these values; ``write`` gives it, with WHO, WHICH and WHEN, the first time.

    What else the statement depends on stands in the key.
    """
    if key not in _kept:
        _kept[key] = write()
    sql, parameters = _kept[key]
    return sql, [values.get(one, one) if type(one) in {int, datetime} else one for one in parameters]


def rows_of(statement: Statement) -> list[tuple[Any, ...]]:
    """Return the rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
