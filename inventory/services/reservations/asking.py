"""What a document asks of stock, and what it is answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Take(StrEnum):
    """What a document does when there is not enough."""

    ALL = "all"  # everything from one warehouse, or nothing
    AVAILABLE = "available"  # as much as there is, from several warehouses if need be


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Pieces of a variant for the holder ``key`` (such as "orderline:17").

    ``quantity`` (from 1) is what the holder is to have in total, what was shipped to it included; so asking again for
    the same is harmless, and asking again after a release reserves what was released.
    """

    key: str
    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRequest:
    """All that one document needs; whose sales channel has warehouses of its own is served by these only.

    ``warehouse_ids``: a person chose these instead, in this order, whatever the sales channel has.
    """

    reference: str
    needs: Sequence[Need]
    country: str = ""
    sales_channel_id: int | None = None
    take: Take = Take.ALL
    warehouse_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Shortage:
    """What the best warehouse lacked, of a bundle its components; with ``Take.AVAILABLE`` what all of them lacked."""

    sku: str
    wanted: int
    available: int


@dataclass(slots=True)
class StockAnswer:
    """The answer to one request: the ids of what is reserved by key (several for a bundle), and what was short.

    ``warehouse_id`` is None when nothing is reserved or pieces lie in several warehouses.
    """

    request: StockRequest
    warehouse_id: int | None = None
    reservation_ids: dict[str, list[int]] = field(default_factory=dict)
    shortages: list[Shortage] = field(default_factory=list)

    @property
    def is_served(self) -> bool:
        """Tell whether everything asked for is reserved."""
        return not self.shortages
