"""Parcels that malls are told of."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from shipping.adapters.channels import Told, ToldLine

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
NUMBER, OTHER = "123456789012", "210987654321"


def parcel(notice: int, order: object, lines: Iterable[tuple[str, int]], *, by_sku: bool = False, **over: Any) -> Told:
    """Return a parcel with pieces by the mall's number of their line, or by SKU."""
    told = tuple(
        ToldLine(line_id="" if by_sku else line, sku=line if by_sku else "S", quantity=count) for line, count in lines
    )
    values = {"sales_channel": "x", "carrier": "cjlogistics", "tracking_number": NUMBER, "shipped_at": AT, **over}
    return Told(notice_id=notice, order_number=str(order), lines=told, **values)
