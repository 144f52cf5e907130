"""What the lines of a written order cost: the price list's word, or another one with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from catalog.models import SalesChannel, Variant
from catalog.selectors.pricing import prices_at
from core.errors import InvalidInput
from orders.models import LineKind
from orders.services.manual.wanted import LONGEST, WantedLine

MOST = 10**12  # minor units of one piece
PIECES = 100_000


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with what one piece costs (minor units) and what the price list says, None where it says nothing."""

    wanted: WantedLine
    variant: Variant | None
    name: str
    price: int
    list_price: int | None

    @property
    def total(self) -> int:
        """What the line costs."""
        return self.price * self.wanted.quantity

    @property
    def is_overridden(self) -> bool:
        """Tell whether somebody decided the price: another one than the list's, or a discount."""
        if self.wanted.kind == LineKind.PRODUCT:
            return self.wanted.price is not None and self.price != self.list_price
        return self.price < 0


def price_lines(lines: Sequence[WantedLine], channel: SalesChannel, at: datetime | None) -> list[PricedLine]:
    """Return the lines with their prices; InvalidInput for what has none, and for impossible lines."""
    if not lines:
        raise InvalidInput(_("Write at least one line."))
    if len(lines) > LONGEST:
        raise InvalidInput(_("At most %(count)d lines.") % {"count": LONGEST})
    wanted = {line.variant_id for line in lines if line.variant_id is not None}
    variants = Variant.objects.select_related("product").in_bulk(wanted)
    listed = list_prices(wanted, channel, at)
    return [_priced(line, variants, listed) for line in lines]


def list_prices(variant_ids: set[int], channel: SalesChannel, at: datetime | None) -> dict[int, int]:
    """Return what one piece costs by the price list in the channel's currency, in one statement."""
    found = prices_at(variant_ids=variant_ids, sales_channel_id=channel.pk, at=at)
    return {pk: price.amount for pk, price in found.items() if price.currency == channel.currency}


def _priced(line: WantedLine, variants: Mapping[int, Variant], listed: Mapping[int, int]) -> PricedLine:
    if not 0 < line.quantity <= PIECES:
        raise InvalidInput(_("A line has between 1 and %(count)d pieces.") % {"count": PIECES})
    if line.price is not None and abs(line.price) > MOST:
        raise InvalidInput(_("A price is too large."))
    if line.kind != LineKind.PRODUCT:
        return _extra(line)
    variant = variants.get(line.variant_id or 0)
    if variant is None:
        raise InvalidInput(_("Choose a product for each line."))
    list_price = listed.get(variant.pk)
    price = line.price if line.price is not None else list_price
    if price is None:
        raise InvalidInput(_("%(sku)s has no price on this channel. Write one, with its reason.") % {"sku": variant})
    if price < 0:
        raise InvalidInput(_("Goods never cost less than nothing. Write a discount as a line of its own."))
    return PricedLine(line, variant, variant.label, price, list_price)


def _extra(line: WantedLine) -> PricedLine:
    if line.kind not in LineKind.values:
        raise InvalidInput(_("Choose what the line stands for."))
    price = line.price or 0
    if (price > 0) if line.kind == LineKind.DISCOUNT else (price < 0):
        raise InvalidInput(_("A discount is below zero, everything else is not."))
    return PricedLine(line, None, line.name.strip() or str(LineKind(line.kind).label), price, None)
