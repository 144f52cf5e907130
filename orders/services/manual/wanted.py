"""What somebody orders on the phone, before it is an order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from orders.models import LineKind, OrderSource

LONGEST = 200  # lines of one order


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLine:
    """One position; ``price`` is minor units for one piece, None: as the price list says.

    A price other than the list's, a discount (negative) and goods for nothing need ``reason``.
    """

    quantity: int = 1
    variant_id: int | None = None  # of goods
    kind: str = LineKind.PRODUCT.value
    name: str = ""  # of what is no goods
    price: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftWish:
    """How the present is made ready; the names are those of the model ``Gift``."""

    wrapping: str = ""
    noshi_kind: str = ""
    noshi_name: str = ""
    noshi_place: str = ""
    message: str = ""
    hides_prices: bool = True

    def __bool__(self) -> bool:
        return bool(self.wrapping or self.noshi_kind or self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedOrder:
    """Who wants what, where to, and how it is paid; ``contact`` by the names of Order's buyer and address columns.

    ``priced_at`` is the moment whose price list holds (default: now). Without ``customer_id`` the buyer's e-mail and
    phone say who it is; nobody known becomes a new customer.
    """

    sales_channel_id: int
    lines: Sequence[WantedLine]
    contact: Mapping[str, str] = field(default_factory=dict)
    customer_id: int | None = None
    is_prepaid: bool = True
    payment_method: str = ""
    delivery_on: date | None = None
    staff_note: str = ""
    gift: GiftWish = field(default_factory=GiftWish)
    priced_at: datetime | None = None
    source: str = OrderSource.MANUAL.value
    original_id: int | None = None
