"""The voice of the customer by reason, product, lot, supplier or channel: matters, per sold piece, against before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.translation import get_language

ROWS = 30
_REASON = (
    "coalesce(nullif(CASE %(language)s WHEN 'ko' THEN n.name_ko WHEN 'ja' THEN n.name_ja ELSE n.name_en END, ''),"
    " n.code)"
)
# what rows are, the table that names them, its column of the name
_NAMES = {
    "reason": ("reason_id", "service_reasonnode", _REASON),
    "product": ("product_id", "catalog_product", "n.name"),
    "lot": ("lot_id", "inventory_lot", "n.number"),
    "supplier": ("supplier_id", "purchasing_supplier", "n.name"),
    "channel": ("sales_channel_id", "catalog_saleschannel", "n.name"),
}
GRAINS = tuple(_NAMES)
_ROWS = """
    WITH told AS (
        SELECT coalesce(r.merged_into_id, c.reason_id) AS reason_id, c.product_id, c.lot_id, c.supplier_id,
               c.sales_channel_id, c.day, c.source, c.matter_count
        FROM voice_mattercell c LEFT JOIN service_reasonnode r ON r.id = c.reason_id
        WHERE c.day BETWEEN %(earlier)s AND %(last)s{only}
    ),
    counted AS (
        SELECT {column} AS subject,
               coalesce(sum(matter_count) FILTER (WHERE day >= %(first)s), 0) AS count,
               coalesce(sum(matter_count) FILTER (WHERE day < %(first)s), 0) AS before,
               coalesce(sum(matter_count) FILTER (WHERE day >= %(first)s AND source = 'ticket'), 0) AS tickets,
               coalesce(sum(matter_count) FILTER (WHERE day >= %(first)s AND source = 'return'), 0) AS returns,
               coalesce(sum(matter_count) FILTER (WHERE day >= %(first)s AND source = 'review'), 0) AS reviews
        FROM told GROUP BY {column}
    ),
    sold AS (
        SELECT {sold} AS subject, sum(piece_count) AS pieces FROM voice_soldcell
        WHERE day BETWEEN %(first)s AND %(last)s{only_sold} GROUP BY {sold}
    )
    SELECT c.subject, {name}, c.count, c.before, c.tickets, c.returns, c.reviews, coalesce(s.pieces, 0)
    FROM counted c LEFT JOIN {table} n ON n.id = c.subject
    LEFT JOIN sold s ON s.subject IS NOT DISTINCT FROM {match}
    ORDER BY c.count DESC, c.before DESC, c.subject NULLS LAST LIMIT %(rows)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One row: matters in the days and in as many before, by where they were told, and the pieces sold."""

    id: int | None
    name: str
    count: int
    before: int
    tickets: int
    returns: int
    reviews: int
    pieces: int

    @property
    def per_mille(self) -> int | None:
        """Return matters of a thousand sold pieces, rounded half up; None where nothing was sold."""
        return (2000 * self.count + self.pieces) // (2 * self.pieces) if self.pieces else None

    @property
    def trend(self) -> int | None:
        """Return by how many percent it rose, or fell below zero; None where there was nothing before."""
        return round(100 * (self.count - self.before) / self.before) if self.before else None

    @property
    def fall(self) -> int:
        """Return by how many percent it fell; 0 when it did not."""
        return max(0, -(self.trend or 0))


def voices(*, grain: str, days: int, only: dict[str, int] | None = None, today: date | None = None) -> list[Voice]:
    """Return what was told in the last days by one grain, the most first, perhaps ``only`` of some of the others.

    ``only`` maps grains to ids, such as {"product": 3}. One statement over the daily counts. Of a reason all sold
    pieces are counted.
    """
    last = today or timezone.localdate()
    first = last - timedelta(days=days - 1)
    column, table, name = _NAMES[grain]
    chosen = {key: value for key, value in (only or {}).items() if key in _NAMES}
    told = {"reason": "coalesce(r.merged_into_id, c.reason_id)"}
    conditions = "".join(f" AND {told.get(key, f'c.{_NAMES[key][0]}')} = %(only_{key})s" for key in chosen)
    sold = "".join(f" AND {_NAMES[key][0]} = %(only_{key})s" for key in chosen if key != "reason")
    is_reason = grain == "reason"
    sql = _ROWS.format(
        column=column, table=table, name=name, only=conditions, only_sold=sold,
        sold="NULL::bigint" if is_reason else column, match="NULL" if is_reason else "c.subject",
    )  # fmt: skip
    given: dict[str, date | int | str] = {
        "first": first, "last": last, "earlier": first - timedelta(days=days), "rows": ROWS,
        "language": (get_language() or "en")[:2], **{f"only_{key}": value for key, value in chosen.items()},
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        rows = cursor.fetchall()
    return [
        Voice(
            id=pk, name=str(name or ""), count=int(count), before=int(before), tickets=int(tickets),
            returns=int(returns), reviews=int(reviews), pieces=int(pieces),
        )
        for pk, name, count, before, tickets, returns, reviews, pieces in rows
    ]  # fmt: skip


def names_of(grain: str, ids: Sequence[int]) -> dict[int, str]:
    """Return what the things of one grain are called in the reader's language (one statement)."""
    _column, table, name = _NAMES[grain]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT n.id, {name} FROM {table} n WHERE n.id = ANY(%(ids)s)",  # noqa: S608 names of our own
            {"ids": list(ids), "language": (get_language() or "en")[:2]},
        )
        return {int(pk): str(found) for pk, found in cursor}
