"""Locking a stocktake, and what the books say of a place."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.errors import Conflict, NotAllowed
from core.events import record
from inventory.events import StocktakeMoved
from inventory.models import (
    STOCKTAKE_TRANSITIONS,
    StockItem,
    StockPolicy,
    Stocktake,
    StocktakeLine,
    StocktakeState,
)
from inventory.policies import can_count_stock
from inventory.selectors.shelves import Shelf, racks_of
from staff.models import User


def check_counter(actor: User | None) -> None:
    """Refuse who may not count."""
    if not can_count_stock(actor):
        raise NotAllowed(_("You may not count stock. Ask somebody of the warehouse."))


def lock_stocktake(**lookups: object) -> Stocktake:
    """Lock one stocktake until the transaction ends and return it: before any stock item."""
    found = Stocktake.objects.select_for_update(no_key=True, of=("self",)).filter(**lookups).first()
    if found is None:
        raise Conflict(_("This stocktake does not exist any more. Reload the page."))
    return found


def move(stocktake: Stocktake, to: StocktakeState, *, actor: User | None, lines: int = 0, note: str = "") -> None:
    """Change the state of a locked stocktake, if the table allows it, and tell; the caller saves other columns."""
    STOCKTAKE_TRANSITIONS.check(StocktakeState(stocktake.state), to)
    stocktake.state = to
    stocktake.save(update_fields=["state"])
    fact = StocktakeMoved(stocktake_id=stocktake.pk, to=to, line_count=lines, note=note)
    record(fact, subject=stocktake, actor=actor)


@dataclass(slots=True)
class Book:
    """What the books say of one locked stock item: free to promise, and where its pieces lie."""

    free: int
    unplaced: int
    shelves: dict[tuple[int | None, int | None], Shelf]
    has_serials: bool

    def expected(self, line: StocktakeLine) -> int:
        """Return how many pieces there should be where the line is counted: on its shelf, or on none."""
        if line.lot_id is None and line.bin_id is None:
            return self.unplaced
        return self.shelf(line).quantity

    def kept(self, line: StocktakeLine) -> int:
        """Return how many of them belong to holds that name the place."""
        return 0 if line.lot_id is None and line.bin_id is None else self.shelf(line).kept

    def shelf(self, line: StocktakeLine) -> Shelf:
        """Return the shelf of a line; one that was never used is empty."""
        place = (line.lot_id, line.bin_id)
        return self.shelves.setdefault(place, Shelf(0, *place, quantity=0))

    def add(self, line: StocktakeLine, change: int) -> None:
        """Note what a line of the same posting changes, so that the next one is judged after it."""
        self.free += change
        if line.lot_id is None and line.bin_id is None:
            self.unplaced += change
        else:
            self.shelf(line).quantity += change


def read_books(items: Collection[StockItem]) -> dict[int, Book]:
    """Return the book of each stock item, which the caller has locked: shelves change under the same lock."""
    racks = racks_of(stock_item_ids=[item.pk for item in items])
    variants = {item.variant_id for item in items}
    numbered = set(
        StockPolicy.objects.filter(variant__in=variants, tracks_serials=True).values_list("variant_id", flat=True)
    )
    return {
        item.pk: Book(
            item.available,
            racks[item.pk].unplaced,
            {(shelf.lot_id, shelf.bin_id): shelf for shelf in racks[item.pk].shelves},
            item.variant_id in numbered,
        )
        for item in items
    }
