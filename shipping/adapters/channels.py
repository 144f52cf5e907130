"""What connectors of malls are given to tell; where a mall has none, its upload file is the way."""

from dataclasses import dataclass
from datetime import datetime


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
    carrier_name: str = ""  # as it calls itself
    tracking_number: str
    tracking_url: str = ""  # where the customer follows it
    shipped_at: datetime
    lines: tuple[ToldLine, ...] = ()
