"""What somebody wants to be different about an order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from orders.models import LineKind
from orders.services.manual.wanted import GiftWish


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEdit:
    """A line as it shall be: known (``line_id``) or new. What is None stays; ``quantity`` 0 takes the line out.

    ``price`` is minor units for one piece; another price than before, or than the price list's, needs ``reason``.
    """

    line_id: int | None = None
    quantity: int | None = None
    price: int | None = None
    variant_id: int | None = None
    kind: str = LineKind.PRODUCT.value
    name: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEdit:
    """All that shall be different; ``expected_total`` is what the preview showed (minor units).

    With ``in_parts`` what is not there leaves later; without it, an order to ship takes no more than there is.
    """

    lines: Sequence[LineEdit] = ()
    texts: Mapping[str, str | date | None] = field(default_factory=dict)  # as edit_order takes them
    gift: GiftWish | None = None
    reason: str = ""
    in_parts: bool = False
    expected_total: int | None = None
