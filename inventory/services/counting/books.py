"""Locking a stocktake, and what the books say of a place."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.errors import Conflict, NotAllowed
from core.events import record
from inventory.events import StocktakeMoved
from inventory.models import (
    STOCKTAKE_TRANSITIONS,
    ShelfStock,
    StockItem,
    Stocktake,
    StocktakeLine,
    StocktakeState,
)
from inventory.policies import can_count_stock
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
    """What the books say of one locked stock item: free to promise, without a shelf, and each shelf by (lot, bin)."""

    item: StockItem
    free: int
    unplaced: int
    shelves: dict[tuple[int | None, int | None], ShelfStock]

    def expected(self, line: StocktakeLine) -> int:
        """Return how many pieces there should be where the line is counted."""
        if line.lot_id is None and line.bin_id is None:
            return self.unplaced
        shelf = self.shelves.get((line.lot_id, line.bin_id))
        return shelf.quantity if shelf else 0


def read_books(items: Iterable[StockItem]) -> dict[int, Book]:
    """Return the book of each stock item, which the caller has locked: shelves change under the same lock."""
    books = {item.pk: Book(item, item.available, item.on_hand, {}) for item in items}
    for shelf in ShelfStock.objects.filter(stock_item__in=books):
        book = books[shelf.stock_item_id]
        book.shelves[shelf.lot_id, shelf.bin_id] = shelf
        book.unplaced -= shelf.quantity
    return books
