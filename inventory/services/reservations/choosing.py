"""Which warehouse gives which pieces: decided in memory, from locked stock items, one document after the other."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from inventory.models import ChannelWarehouse, StockItem, Warehouse
from inventory.services.reservations.asking import StockRequest, Take

Recipe = Mapping[int, int]  # variant id -> pieces of it in one sold piece


@dataclass(frozen=True, slots=True)
class Wish:
    """So many sold pieces that a key still lacks; ``parts`` is the recipe of a bundle."""

    key: str
    variant_id: int
    count: int
    parts: Recipe


@dataclass(frozen=True, slots=True)
class Pick:
    """Pieces of one stock item for one key, ``per_unit`` of them for each sold piece."""

    key: str
    stock_item_id: int
    warehouse_id: int
    variant_id: int
    pieces: int
    per_unit: int


@dataclass(frozen=True, slots=True)
class Lack:
    """A variant of which less was free than wanted."""

    variant_id: int
    wanted: int
    free: int


class Shelves:
    """The locked stock items and what of them is still free while a batch is being decided."""

    def __init__(self, items: Iterable[StockItem], channel_ids: Iterable[int]) -> None:
        self._items = {(item.warehouse_id, item.variant_id): item.pk for item in items}
        self._free = Counter({(item.warehouse_id, item.variant_id): item.available for item in items})
        self._warehouses = list(Warehouse.objects.filter(is_active=True).order_by("rank", "pk"))
        self._ranks: dict[int, dict[int, int]] = {}
        if ids := set(channel_ids):
            for row in ChannelWarehouse.objects.filter(sales_channel__in=ids):
                self._ranks.setdefault(row.sales_channel_id, {})[row.warehouse_id] = row.rank

    def serve(self, request: StockRequest, wishes: Sequence[Wish]) -> tuple[list[Pick], list[Lack]]:
        """Take what the document wishes off the shelves and say what it lacked.

        Everything comes from the first warehouse that has it all. Without such a one nothing is taken and the nearest
        miss is told, or, if the document takes what there is, each wish goes from warehouse to warehouse.
        """
        places = self._ranked(request)
        wanted: Counter[int] = Counter()
        for wish in wishes:
            wanted[wish.variant_id] += wish.count
        nearest = [Lack(variant, count, 0) for variant, count in wanted.items()]
        for number, place in enumerate(places):
            picks, lacks = self._from_one(place, wishes)
            if not lacks:
                self._take(picks)
                return picks, []
            if not number or len(lacks) < len(nearest):
                nearest = lacks
        if request.take == Take.ALL:
            return [], nearest
        return self._from_several(places, wishes)

    def _ranked(self, request: StockRequest) -> list[int]:
        """Return the warehouses in the order in which the document asks them.

        A sales channel with warehouses of its own uses only those, by their rank there; the country of the document
        decides among equals, then the warehouses' own rank.
        """
        if request.warehouse_ids:
            active = {place.pk for place in self._warehouses}
            return [pk for pk in request.warehouse_ids if pk in active]
        ranks = self._ranks.get(request.sales_channel_id or 0)
        chosen = [place for place in self._warehouses if ranks is None or place.pk in ranks]
        chosen.sort(key=lambda place: (ranks[place.pk] if ranks else 0, place.country != request.country))
        return [place.pk for place in chosen]

    def _from_one(self, place: int, wishes: Sequence[Wish]) -> tuple[list[Pick], list[Lack]]:
        """Return what serving everything from one warehouse would take, and what it lacks; nothing is taken."""
        used: Counter[int] = Counter()
        picks = []
        for wish in wishes:
            packed = self._free[place, wish.variant_id] - used[wish.variant_id]
            recipe = {wish.variant_id: 1} if not wish.parts or packed >= wish.count else wish.parts
            used.update({variant: count * wish.count for variant, count in recipe.items()})
            picks += self._picks(place, wish, recipe, wish.count)
        lacks = [
            Lack(variant, wanted, self._free[place, variant])
            for variant, wanted in used.items()
            if self._free[place, variant] < wanted
        ]
        return picks, lacks

    def _from_several(self, places: Sequence[int], wishes: Sequence[Wish]) -> tuple[list[Pick], list[Lack]]:
        """Take as much as there is, of a bundle first what is packed, then what its components make."""
        taken: list[Pick] = []
        lacks = []
        for wish in wishes:
            left = wish.count
            for place, recipe in _ways(places, wish):
                can = min(self._free[place, variant] // count for variant, count in recipe.items())
                if part := min(left, can):
                    picks = self._picks(place, wish, recipe, part)
                    self._take(picks)
                    taken += picks
                    left -= part
            if left:
                lacks.append(Lack(wish.variant_id, wish.count, wish.count - left))
        return taken, lacks

    def _picks(self, place: int, wish: Wish, recipe: Recipe, count: int) -> list[Pick]:
        return [
            Pick(wish.key, self._items.get((place, variant), 0), place, variant, per_unit * count, per_unit)
            for variant, per_unit in recipe.items()
        ]

    def _take(self, picks: Iterable[Pick]) -> None:
        for pick in picks:
            self._free[pick.warehouse_id, pick.variant_id] -= pick.pieces


def _ways(places: Iterable[int], wish: Wish) -> Iterator[tuple[int, Recipe]]:
    for place in places:
        yield place, {wish.variant_id: 1}
        if wish.parts:
            yield place, wish.parts
