"""What comes and who waits for it: apps above register what is on its way (purchase orders) and what is owed (orders).

Both answer for many variants with a constant number of statements. Nothing here is stored: a promise kept twice drifts.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Pieces on their way to a warehouse; ``expected_on`` None: nobody knows when."""

    variant_id: int
    warehouse_id: int
    quantity: int
    expected_on: date | None
    reference: str  # the document people know
    page: str  # name of its admin page
    page_id: int
    is_transfer: bool = False  # of our own stock: no more than before in all


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Pieces that were sold and are not reserved yet; ``promised_for`` None: no date was promised."""

    variant_id: int
    quantity: int
    sales_channel_id: int
    since: datetime
    promised_for: datetime | None
    reference: str
    page: str
    page_id: int


_arrivals: dict[str, Callable[[Collection[int]], Iterable[Arrival]]] = {}
_waiting: dict[str, Callable[[Collection[int]], Iterable[Waiting]]] = {}


def register_arrivals(name: str, source: Callable[[Collection[int]], Iterable[Arrival]]) -> None:
    """Add a source of incoming pieces: variant ids -> what is on its way of them. ValueError for a name twice."""
    if name in _arrivals:
        raise ValueError(f"two sources of arrivals are called {name}")
    _arrivals[name] = source


def register_waiting(name: str, source: Callable[[Collection[int]], Iterable[Waiting]]) -> None:
    """Add a source of demand that waits: variant ids -> what is owed of them. ValueError for a name twice."""
    if name in _waiting:
        raise ValueError(f"two sources of waiting demand are called {name}")
    _waiting[name] = source


def arrivals_of(*, variant_ids: Collection[int]) -> dict[int, list[Arrival]]:
    """Return what is on its way of each variant, the earliest first, undated last."""
    found: dict[int, list[Arrival]] = defaultdict(list)
    for source in _arrivals.values():
        for arrival in source(variant_ids):
            found[arrival.variant_id].append(arrival)
    for rows in found.values():
        rows.sort(key=lambda arrival: (arrival.expected_on or date.max, arrival.reference))
    return dict(found)


def waiting_for(*, variant_ids: Collection[int]) -> dict[int, list[Waiting]]:
    """Return who waits for each variant, the earliest first."""
    found: dict[int, list[Waiting]] = defaultdict(list)
    for source in _waiting.values():
        for one in source(variant_ids):
            found[one.variant_id].append(one)
    for rows in found.values():
        rows.sort(key=lambda one: (one.since, one.reference))
    return dict(found)
