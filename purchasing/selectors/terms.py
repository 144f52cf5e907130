"""What a supplier's terms say: the price of a quantity on a day, and the quantity that can be ordered."""

from collections import defaultdict
from collections.abc import Collection
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


def price_from(breaks: Breaks, quantity: int, on: date) -> int | None:
    """Return what one piece costs by these breaks, None when no price is known.

    A price list replaces the older one as a whole: only the breaks of the latest day that has begun count, and of
    them the one with the most pieces that ``quantity`` reaches. Less than its smallest break costs the smallest one's
    price: the minimum is a question of the quantity, not of the price.
    """
    begun = [day for day, _from, _price in breaks if day <= on]
    if not begun:
        return None
    latest = max(begun)
    valid = sorted((from_quantity, price) for day, from_quantity, price in breaks if day == latest)
    reached = [price for from_quantity, price in valid if from_quantity <= quantity]
    return reached[-1] if reached else valid[0][1]


def price_for(item: SupplierItem, quantity: int, on: date) -> int | None:
    """Return what one piece costs, in minor units of the supplier's currency, when ``quantity`` are ordered ``on``."""
    return price_from(breaks_of([item.pk]).get(item.pk, []), quantity, on)


def order_quantity(item: SupplierItem, wanted: int) -> int:
    """Return the least quantity of at least ``wanted`` pieces that reaches the minimum in whole packs; 0 for none."""
    if wanted <= 0:
        return 0
    least = max(wanted, item.minimum)
    return -(-least // item.pack_size) * item.pack_size


def lead_days_of(item: SupplierItem) -> int:
    """Return the agreed lead time in days: the item's own, else the supplier's."""
    return item.supplier.lead_days if item.lead_days is None else item.lead_days
