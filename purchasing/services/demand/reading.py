"""Demand of many variants as one matrix of days, and which days are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

# what COPY sends for a row of four numbers: how many, then each with its length before it
_ROW = np.dtype(
    [("fields", ">i2"), ("l0", ">i4"), ("variant", ">i8"), ("l1", ">i4"), ("channel", ">i8"), ("l2", ">i4"),
     ("day", ">i4"), ("l3", ">i4"), ("pieces", ">i4")]
)  # fmt: skip
_HEADER, _TRAILER = 19, 2
_DEMAND = """
COPY (
    SELECT variant_id, sales_channel_id, (day - {start}::date)::int4, pieces FROM purchasing_demandday
    WHERE variant_id = ANY ({variants}) AND day >= {start}::date AND day < {until}::date
) TO STDOUT (FORMAT BINARY)
"""
_CLOSED = "SELECT variant_id, day - %s::date FROM purchasing_stockoutday WHERE variant_id = ANY (%s) AND day >= %s"


@dataclass(frozen=True, slots=True)
class Demand:
    """Pieces of ``variants`` by channel and day, from ``start`` on; ``pieces`` is (variants, channels, days)."""

    start: date
    variants: Sequence[int]
    channels: Sequence[int]
    pieces: NDArray[np.float64]
    is_open: NDArray[np.bool_]  # (variants, days): False on days out of stock

    @property
    def days(self) -> list[date]:
        """Return the days of the last axis."""
        return [self.start + timedelta(days=count) for count in range(self.pieces.shape[2])]


def read_demand(*, variant_ids: Sequence[int], channel_ids: Sequence[int], start: date, until: date) -> Demand:
    """Return the demand of these variants on these channels from ``start`` to the day before ``until``."""
    variants, channels = np.asarray(sorted(variant_ids)), np.asarray(sorted(channel_ids))
    length = (until - start).days
    pieces = np.zeros((len(variants), len(channels), length))
    is_open = np.ones((len(variants), length), dtype=bool)
    rows = _copied(variants, start, until)
    rows = rows[np.isin(rows["channel"], channels)]
    places = np.searchsorted(variants, rows["variant"]), np.searchsorted(channels, rows["channel"]), rows["day"]
    pieces[places] = rows["pieces"]
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED, [start, variants.tolist(), start])
        closed = np.asarray([row for row in cursor.fetchall() if row[1] < length], dtype=np.int64).reshape(-1, 2)
    is_open[np.searchsorted(variants, closed[:, 0]), closed[:, 1]] = False
    return Demand(start, variants.tolist(), channels.tolist(), pieces, is_open)


def _copied(variants: NDArray[Any], start: date, until: date) -> NDArray[Any]:
    """Return the rows as the database sends them: ten times faster than one tuple for each day of each variant."""
    numbers = "{" + ",".join(str(int(pk)) for pk in variants) + "}"
    statement = _DEMAND.format(
        start=f"'{start.isoformat()}'", until=f"'{until.isoformat()}'", variants=f"'{numbers}'::bigint[]"
    )  # COPY takes no parameters; dates and whole numbers only
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        data = b"".join(bytes(block) for block in copy)
    return np.frombuffer(data[_HEADER : len(data) - _TRAILER], dtype=_ROW)
