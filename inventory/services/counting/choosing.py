"""Which places a stocktake is about: stock items, split by the shelves that name their pieces."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from inventory.models import (
    OPEN_STOCKTAKES,
    LineState,
    ShelfStock,
    StockItem,
    StocktakeLine,
    StocktakeScope,
)
from inventory.suspecting import signs


@dataclass(frozen=True, slots=True)
class Place:
    """Pieces to count: of a stock item, of one lot, in one bin; without both: what no shelf names."""

    stock_item_id: int
    lot_id: int | None = None
    bin_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountScope:
    """What a stocktake is about: ``value`` is the class or zone, ``limit`` the most items, the worst signs first.

    Given stock items narrow any scope; without sign codes all signs count.
    """

    kind: StocktakeScope
    value: str = ""
    stock_item_ids: Collection[int] = ()
    sign_codes: Collection[str] = ()
    limit: int | None = None


@dataclass(slots=True)
class Choice:
    """What was chosen: places, why (stock item -> [[sign, number]]), and items left out as counted elsewhere."""

    places: list[Place] = field(default_factory=list)
    signs: Mapping[int, list[list[Any]]] = field(default_factory=dict)
    counted_elsewhere: int = 0


def counted_now() -> QuerySet[StocktakeLine]:
    """Return the lines of open stocktakes: what they will correct must not be corrected twice."""
    return StocktakeLine.objects.filter(stocktake__state__in=OPEN_STOCKTAKES).exclude(state=LineState.SKIPPED)


def choose_places(*, warehouse_id: int, scope: CountScope) -> Choice:
    """Return what a stocktake of this scope counts; InvalidInput when that is nothing."""
    found: Mapping[int, list[list[Any]]] = {}
    if scope.kind == StocktakeScope.SUSPECT:
        found = _suspects(warehouse_id, scope.sign_codes)
        scope = replace(scope, stock_item_ids=list(found))
    wanted = list(_items(warehouse_id, scope).order_by("pk").values_list("pk", flat=True))
    items = list(found) if found else wanted  # suspects: the worst first
    elsewhere = set(counted_now().filter(stock_item__in=items).values_list("stock_item_id", flat=True))
    free = [pk for pk in items if pk not in elsewhere][: scope.limit]
    zone = scope.value if scope.kind == StocktakeScope.ZONE else None
    choice = Choice(places_of(stock_item_ids=free, zone=zone), found, len(elsewhere))
    if not choice.places:
        raise InvalidInput(
            _("All of it is being counted already. Finish that stocktake first.")
            if elsewhere
            else _("There is nothing to count. Choose something else.")
        )
    return choice


def _items(warehouse_id: int, scope: CountScope) -> QuerySet[StockItem]:
    items = StockItem.objects.filter(warehouse_id=warehouse_id)
    if scope.stock_item_ids or scope.kind in {StocktakeScope.CHOSEN, StocktakeScope.SUSPECT}:
        items = items.filter(pk__in=scope.stock_item_ids)
    if scope.kind == StocktakeScope.ABC:
        return of_class(items, scope.value)
    if scope.kind == StocktakeScope.ZONE:
        return items.filter(shelves__bin__zone=scope.value, shelves__quantity__gt=0).distinct()
    return items


def of_class(items: QuerySet[StockItem], abc: str) -> QuerySet[StockItem]:
    """Return the stock items of one ABC class; an empty one: those that have no class."""
    if abc:
        return items.filter(variant__stock_policy__abc=abc)
    return items.exclude(variant__stock_policy__abc__in=["A", "B", "C"])


def _suspects(warehouse_id: int, sign_codes: Collection[str]) -> dict[int, list[list[Any]]]:
    """Return stock item -> its signs, those with the heaviest first."""
    found: dict[int, list[list[Any]]] = defaultdict(list)
    weight: dict[int, int] = defaultdict(int)
    for sign in signs():
        if not sign_codes or sign.code in sign_codes:
            for stock_item_id, count in sign.find(warehouse_id).items():
                found[stock_item_id].append([sign.code, count])
                weight[stock_item_id] += sign.weight
    return {pk: found[pk] for pk in sorted(found, key=lambda pk: (-weight[pk], pk))}


def places_of(*, stock_item_ids: Sequence[int], zone: str | None = None) -> list[Place]:
    """Return one place for each shelf that holds pieces, and one for what no shelf names; by zone, shelves only."""
    shelves = ShelfStock.objects.filter(stock_item__in=stock_item_ids, quantity__gt=0)
    if zone is not None:
        shelves = shelves.filter(bin__zone=zone)
    by_item: dict[int, list[Place]] = defaultdict(list)
    for shelf in shelves.order_by("pk"):
        by_item[shelf.stock_item_id].append(Place(shelf.stock_item_id, shelf.lot_id, shelf.bin_id))
    if zone is not None:
        return [place for pk in stock_item_ids for place in by_item[pk]]
    on_shelves = dict(shelves.values_list("stock_item_id").annotate(pieces=Sum("quantity")).order_by())
    on_hand = dict(StockItem.objects.filter(pk__in=stock_item_ids).values_list("pk", "on_hand"))
    places: list[Place] = []
    for pk in stock_item_ids:
        places += by_item[pk]
        if not by_item[pk] or on_hand[pk] > on_shelves.get(pk, 0):
            places.append(Place(pk))
    return places
