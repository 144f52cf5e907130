"""Document numbers from a locked row: no gaps, no doubles, drawn inside the insert's own transaction."""

from django.db import connection


def next_numbers(*, series: str, count: int = 1) -> range:
    """Draw ``count`` consecutive numbers of ``series`` (made on first use) and hold its row until the transaction ends.

    RuntimeError outside a transaction: a rollback must give the numbers back.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("document numbers are drawn inside the transaction that uses them")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_sequence AS s (name, next_value) VALUES (%s, 1 + %s) "
            "ON CONFLICT (name) DO UPDATE SET next_value = s.next_value + %s RETURNING next_value",
            [series, count, count],
        )
        after: int = cursor.fetchone()[0]
    return range(after - count, after)


def document_number(prefix: str, value: int) -> str:
    """Return e.g. ``O-0001234``: at least seven digits, so that text order is number order for years."""
    return f"{prefix}-{value:07d}"
