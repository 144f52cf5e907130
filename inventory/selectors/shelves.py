"""Where the pieces of a stock item lie, in the order in which they are taken."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import F
from django.utils import timezone

from inventory.models import ShelfStock, StockHold, StockItem, StockPolicy


def shop_day(now: datetime | None = None) -> date:
    """Return the day it is in the shop: lots expire at its midnight."""
    return timezone.localdate(now or timezone.now(), timezone.get_default_timezone())


Drawn = list[tuple[int, int]]  # shelf id, pieces


@dataclass(slots=True)
class Shelf:
    """Pieces of one lot in one bin; ``kept`` of them belong to holds."""

    shelf_id: int
    lot_id: int | None
    bin_id: int | None
    quantity: int
    expires_on: date | None = None
    is_blocked: bool = False  # so close to its expiry that it is not sold any more
    is_expired: bool = False
    kept: int = 0

    @property
    def free(self) -> int:
        """Pieces that no hold keeps."""
        return self.quantity - self.kept


@dataclass(slots=True)
class Rack:
    """All shelves of a stock item in the order of taking, and what lies nowhere in particular."""

    stock_item_id: int
    shelves: list[Shelf] = field(default_factory=list)
    unplaced: int = 0

    def take_to_ship(self, pieces: int) -> Drawn | None:
        """Draw (shelf id, pieces): first to expire, then unplaced, then what is blocked; None if only expired is left.

        Unplaced pieces are in no row. What is blocked was promised before it was, and goes out while it is good; what
        a hold keeps stays: more than on hand minus held is never reserved.
        """
        drawn, left = self._draw([s for s in self.shelves if not s.is_blocked], pieces)
        left -= self._draw_unplaced(left)
        more, left = self._draw([s for s in self.shelves if s.is_blocked and not s.is_expired], left)
        return None if left else drawn + more

    def take(self, pieces: int) -> Drawn:
        """Draw for another reason than a sale: first to expire, then unplaced, at last what holds keep."""
        drawn, left = self._draw(self.shelves, pieces)
        left -= self._draw_unplaced(left)
        more, _left = self._draw(self.shelves, left, kept_too=True)
        return drawn + more

    def shrink(self, pieces: int) -> Drawn:
        """Draw what a count or an adjustment takes away without a place: unplaced first."""
        return self.take(pieces - self._draw_unplaced(pieces))

    def take_named(
        self, pieces: int, lot_id: int | None, bin_id: int | None, *, kept_too: bool = False
    ) -> Drawn | None:
        """Draw from this lot, or bin, or both; None when less lies there."""
        wanted = [s for s in self.shelves if lot_id in {None, s.lot_id} and bin_id in {None, s.bin_id}]
        drawn, left = self._draw(wanted, pieces)
        if left and kept_too:
            more, left = self._draw(wanted, left, kept_too=True)
            drawn += more
        return None if left else drawn

    def take_of_lots(self, pieces: int, lots: Mapping[int, int]) -> Drawn | None:
        """Draw for a sale so many pieces of these lots (lot id: pieces), as far as they lie there; the rest as usual.

        Numbered pieces say of which lot they are. Expired lots never leave; None when nothing else is left.
        """
        drawn: Drawn = []
        for lot_id, count in lots.items():
            part, left = self._draw([s for s in self.shelves if s.lot_id == lot_id and not s.is_expired], count)
            drawn += part
            pieces -= count - left
        rest = self.take_to_ship(pieces)
        return None if rest is None else drawn + rest

    def skipped_for(self, lot_id: int) -> int | None:
        """Return the lot that would leave first: it ends earlier, may be sold and is there; None: this one."""
        first = next((s for s in self.shelves if s.expires_on and not s.is_blocked and s.free > 0), None)
        ends = next((s.expires_on for s in self.shelves if s.lot_id == lot_id), None)
        if first is None or first.lot_id == lot_id or (ends is not None and ends <= first.expires_on):  # type: ignore[operator]
            return None
        return first.lot_id

    def is_lot_blocked(self, lot_id: int) -> bool:
        """Tell whether a lot is so close to its expiry that it is not sold any more."""
        return any(s.is_blocked for s in self.shelves if s.lot_id == lot_id)

    def _draw_unplaced(self, pieces: int) -> int:
        taken = min(self.unplaced, pieces)
        self.unplaced -= taken
        return taken

    def _draw(
        self, shelves: Iterable[Shelf], pieces: int, *, kept_too: bool = False
    ) -> tuple[list[tuple[int, int]], int]:
        drawn = []
        for shelf in shelves:
            taken = min(pieces, shelf.quantity if kept_too else shelf.free)
            if taken > 0:
                shelf.quantity -= taken
                pieces -= taken
                drawn.append((shelf.shelf_id, taken))
        return drawn, pieces


def racks_of(
    *,
    stock_item_ids: Collection[int],
    leaving: Mapping[int, int] | None = None,
    now: datetime | None = None,
) -> dict[int, Rack]:
    """Return the rack of each stock item, read as it is now: lock the items first to decide from it.

    ``leaving`` (stock item id: pieces) are already off the counters and still to be drawn.
    """
    found = ShelfStock.objects.filter(stock_item_id__in=stock_item_ids, quantity__gt=0)
    rows = list(
        found.values_list("stock_item", "pk", "lot", "bin", "quantity", "lot__expires_on").order_by(
            F("lot__expires_on").asc(nulls_last=True), F("lot_id").asc(nulls_last=True),
            F("bin__pick_rank").asc(nulls_last=True), "bin__code", "pk",
        )
    )  # fmt: skip
    racks = {pk: Rack(pk) for pk in stock_item_ids}
    for item_id, shelf_id, lot_id, bin_id, quantity, expires_on in rows:
        racks[item_id].shelves.append(Shelf(shelf_id, lot_id, bin_id, quantity, expires_on))
    if rows:
        _block(racks, shop_day(now))
        _keep(racks)
    for pk, on_hand in StockItem.objects.filter(pk__in=racks).values_list("pk", "on_hand"):
        there = on_hand + (leaving or {}).get(pk, 0)
        racks[pk].unplaced = there - sum(shelf.quantity for shelf in racks[pk].shelves)
    return racks


def _block(racks: dict[int, Rack], today: date) -> None:
    ending = [rack for rack in racks.values() if any(shelf.expires_on for shelf in rack.shelves)]
    if not ending:
        return
    policies = StockPolicy.objects.filter(variant__stock_items__in=[rack.stock_item_id for rack in ending])
    days = dict(policies.values_list("variant__stock_items", "block_days"))
    for rack in ending:
        last = today + timedelta(days=days.get(rack.stock_item_id, 0))
        for shelf in rack.shelves:
            shelf.is_blocked = shelf.expires_on is not None and shelf.expires_on <= last
            shelf.is_expired = shelf.expires_on is not None and shelf.expires_on < today


def _keep(racks: dict[int, Rack]) -> None:
    """Spread what holds keep over the shelves they name; where one names a lot or a bin only, the last taken first."""
    holds = StockHold.objects.filter(stock_item__in=racks, quantity__gt=F("released")).exclude(lot=None, bin=None)
    named = holds.values_list("stock_item", "lot", "bin", F("quantity") - F("released"))
    # a hold of one shelf before one of a whole lot or bin, which then finds the rest
    for item_id, lot_id, bin_id, pieces in sorted(named, key=lambda hold: None in hold):
        left = pieces
        for shelf in reversed(racks[item_id].shelves):
            if lot_id in {None, shelf.lot_id} and bin_id in {None, shelf.bin_id}:
                kept = min(left, shelf.free)
                shelf.kept += kept
                left -= kept
