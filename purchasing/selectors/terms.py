"""What a supplier's terms say: the price of a quantity on a day, and the quantity that can be ordered."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from purchasing.models import PriceBreak, SupplierItem

# one item's breaks: (from day, from pieces, price), sorted
Breaks = list[tuple[date, int, int]]


def breaks_of(item_ids: Collection[int]) -> dict[int, Breaks]:
    """Return the price breaks of many items by item id, in one statement."""
    found: dict[int, Breaks] = defaultdict(list)
    rows = PriceBreak.objects.filter(item_id__in=item_ids).order_by("starts_on", "from_quantity")
    for item_id, starts_on, from_quantity, price in rows.values_list("item_id", "starts_on", "from_quantity", "price"):
        found[item_id].append((starts_on, from_quantity, price))
    return dict(found)


def breaks_on(breaks: Breaks, on: date) -> list[tuple[int, int]]:
    """Return (from pieces, price) of the price list in force on a day, rising pieces; empty when none has begun.

    A price list replaces the older one as a whole: only the breaks of the latest day that has begun count.
    """
    latest = max((day for day, _from, _price in breaks if day <= on), default=None)
    return sorted((from_quantity, price) for day, from_quantity, price in breaks if day == latest)


def price_at(valid: Sequence[tuple[int, int]], quantity: int) -> int | None:
    """Return what one piece costs by these breaks (rising pieces), None without any.

    The break with the most pieces that ``quantity`` reaches counts. Less than the smallest break costs the smallest
    one's price: the minimum is a question of the quantity, not of the price.
    """
    reached = [price for least, price in valid if least <= quantity]
    if reached:
        return reached[-1]
    return valid[0][1] if valid else None


def price_from(breaks: Breaks, quantity: int, on: date) -> int | None:
    """Return what one piece costs by the list in force on a day, None when no price is known."""
    return price_at(breaks_on(breaks, on), quantity)


def order_quantity(item: SupplierItem, wanted: int) -> int:
    """Return the least quantity of at least ``wanted`` pieces that reaches the minimum in whole packs; 0 for none."""
    if wanted <= 0:
        return 0
    least = max(wanted, item.minimum)
    return -(-least // item.pack_size) * item.pack_size
