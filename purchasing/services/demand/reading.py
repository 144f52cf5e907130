"""Demand of many variants as one matrix of days, and which days are known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

# one row for each variant and channel: its days packed into eight bytes each, or Python would touch millions of rows
_DEMAND = """
COPY (
    SELECT variant_id, sales_channel_id, string_agg(int8send(((day - {start}::date)::int8 << 32) | pieces), ''::bytea)
    FROM purchasing_demandday
    WHERE variant_id = ANY ({variants}) AND day >= {start}::date AND day < {until}::date
    GROUP BY variant_id, sales_channel_id
) TO STDOUT (FORMAT BINARY)
"""
_DAY = np.dtype([("day", ">i4"), ("pieces", ">i4")])
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
    columns = {int(pk): column for column, pk in enumerate(channels)}
    for variant, channel, packed in _copied(variants, start, until):
        if channel in columns:
            sold = np.frombuffer(packed, dtype=_DAY)
            pieces[np.searchsorted(variants, variant), columns[channel], sold["day"]] = sold["pieces"]
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED, [start, variants.tolist(), start])
        closed = np.asarray([row for row in cursor.fetchall() if row[1] < length], dtype=np.int64).reshape(-1, 2)
    is_open[np.searchsorted(variants, closed[:, 0]), closed[:, 1]] = False
    return Demand(start, variants.tolist(), channels.tolist(), pieces, is_open)


def _copied(variants: NDArray[Any], start: date, until: date) -> Iterator[tuple[int, int, bytes]]:
    """Give (variant, channel, days as ``_DAY``)."""
    numbers = "{" + ",".join(str(int(pk)) for pk in variants) + "}"
    statement = _DEMAND.format(
        start=f"'{start.isoformat()}'", until=f"'{until.isoformat()}'", variants=f"'{numbers}'::bigint[]"
    )  # COPY takes no parameters; dates and whole numbers only
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        copy.set_types(["int8", "int8", "bytea"])
        yield from copy.rows()
