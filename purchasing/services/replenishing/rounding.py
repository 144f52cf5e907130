"""From pieces wanted to pieces that can be ordered: packs, the minimum, price breaks, what expires before it sells."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from purchasing.selectors.terms import price_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a supplier sells a variant; ``prices`` are (from pieces, price of one), rising pieces, in minor units."""

    pack_size: int = 1
    minimum: int = 1
    prices: Sequence[tuple[int, int]] = ()
    shelf_days: int | None = None  # days on which it can be sold after it arrived


@dataclass(frozen=True, slots=True)
class Amount:
    """What to order and what one piece costs then (None: no price known); ``notes`` say what changed the wish."""

    quantity: int
    unit_price: int | None
    notes: tuple[str, ...] = ()  # of NOTES


NOTES = ("pack", "minimum", "shelf_life", "price_break")


def in_packs(quantity: int, terms: Terms) -> int:
    """Return the smallest number of whole packs with at least so many pieces, the minimum too."""
    least = max(quantity, terms.minimum)
    return -(-least // terms.pack_size) * terms.pack_size


def amount_of(*, wanted: int, terms: Terms, daily: float, most_days: float, ahead: float = 0.0) -> Amount:
    """Return how many to order for ``wanted`` pieces (at least 1), and why it is another number.

    A cheaper price break is taken when all pieces cost less than the fewer at the higher price, and they last no
    longer than ``most_days``. What would expire on the shelf is not ordered: at most what sells in the shelf life
    after the ``ahead`` pieces that are still there when it comes, in whole packs, unless one pack or the minimum is
    more.
    """
    quantity = in_packs(wanted, terms)
    notes = []
    if terms.minimum > wanted:
        notes.append("minimum")
    elif quantity != wanted:
        notes.append("pack")
    if terms.shelf_days is not None and daily > 0:
        most = max(0, floor(daily * terms.shelf_days - ahead)) // terms.pack_size * terms.pack_size
        if most < quantity:
            quantity = max(most, in_packs(1, terms))
            notes.append("shelf_life")
    cheaper = _cheaper(quantity, terms, daily, most_days)
    if cheaper != quantity and "shelf_life" not in notes:
        quantity = cheaper
        notes.append("price_break")
    return Amount(quantity, price_at(terms.prices, quantity), tuple(notes))


def _cheaper(quantity: int, terms: Terms, daily: float, most_days: float) -> int:
    """Return the larger quantity that costs less altogether, or ``quantity``."""
    price = price_at(terms.prices, quantity)
    if price is None:
        return quantity
    best, cost = quantity, quantity * price
    for least, lower in terms.prices:
        more = in_packs(least, terms)
        lasts_too_long = daily <= 0 or more > daily * min(most_days, terms.shelf_days or most_days)
        if more > quantity and not lasts_too_long and more * lower < cost:
            best, cost = more, more * lower
    return best
