"""Who tells a mall directly: connectors register here; where none does, its upload file is the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLine:
    """Pieces of one line in the parcel; ``line_id`` is the mall's own name of the line, empty where it has none."""

    line_id: str
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a mall has to know of one parcel; ``notice_id`` comes back with its answer.

    An order in several parcels is told once for each, with the lines that lie in it.
    """

    notice_id: int
    sales_channel: str  # its code
    order_number: str  # the mall's own
    carrier: str  # code of ours
    tracking_number: str
    lines: tuple[ToldLine, ...] = ()


class ChannelTeller(Protocol):
    """A client of a mall's interface."""

    def tell(self, notices: Sequence[Told]) -> Mapping[int, str]:
        """Tell the mall and return its answers by notice: empty for taken, else why not; left out: no answer."""
        ...


_tellers: dict[str, ChannelTeller] = {}


def register_teller(channel_kind: str, teller: ChannelTeller) -> None:
    """Let ``teller`` tell all channels of this kind (``ChannelKind``)."""
    _tellers[channel_kind] = teller


def tellers() -> Mapping[str, ChannelTeller]:
    """Return who tells which kind of channel."""
    return dict(_tellers)
