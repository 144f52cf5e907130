"""What is to be counted: planned at once, or added while counting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import Conflict, InvalidInput
from core.events import record
from core.sequences import document_number, next_numbers
from inventory.costing import unit_costs
from inventory.events import StocktakeMoved
from inventory.models import (
    Bin,
    CountPlan,
    Lot,
    StockItem,
    Stocktake,
    StocktakeLine,
    StocktakeState,
    Warehouse,
)
from inventory.services.counting.books import check_counter, lock_stocktake
from inventory.services.counting.choosing import CountScope, Place, choose_places, counted_now
from inventory.services.ledger import lock_items
from staff.models import User

SERIES = "inventory.stocktake"
MOST_COUNTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRules:
    """How strictly is counted: blind or not, by how many people, and what difference is counted again."""

    is_blind: bool = True
    blind_counts: int = 1
    tolerance_pieces: int = 0
    tolerance_value: int | None = None


@transaction.atomic
def plan_stocktake(
    *,
    warehouse_id: int,
    scope: CountScope,
    rules: CountRules | None = None,
    planned_for: date | None = None,
    plan: CountPlan | None = None,
    note: str = "",
    actor: User | None = None,
) -> Stocktake:
    """Plan a stocktake with a line for every place and return it; nothing is locked for sales.

    What an open stocktake counts is left out, so that no difference is posted twice. NotAllowed; InvalidInput when
    nothing is left.
    """
    check_counter(actor)
    rules = rules or CountRules()
    if not 1 <= rules.blind_counts <= MOST_COUNTS:
        raise InvalidInput(_("One, two or three people count a line."))
    # two who plan at once would both find the same items free
    warehouse = Warehouse.objects.select_for_update(no_key=True).get(pk=warehouse_id)
    choice = choose_places(warehouse_id=warehouse.pk, scope=scope)
    [number] = next_numbers(series=SERIES)
    stocktake = Stocktake.objects.create(
        number=document_number("C", number), warehouse=warehouse, scope=scope.kind, scope_value=scope.value, plan=plan,
        is_blind=rules.is_blind, blind_counts=rules.blind_counts, tolerance_pieces=rules.tolerance_pieces,
        tolerance_value=rules.tolerance_value, planned_for=planned_for, note=note, created_by=actor,
    )  # fmt: skip
    _add(stocktake, choice.places, choice.signs)
    fact = StocktakeMoved(stocktake_id=stocktake.pk, to=StocktakeState.PLANNED, line_count=len(choice.places))
    record(fact, subject=stocktake, actor=actor)
    return stocktake


def add_to_stocktake(
    *,
    stocktake_id: int,
    variant_id: int,
    lot_id: int | None = None,
    bin_id: int | None = None,
    key: str,
    actor: User | None = None,
) -> StocktakeLine:
    """Add what was found and not planned and return its line, the one that is there if there is one.

    A stock item is made for what the warehouse never had. Conflict when it is not being counted, or another open
    stocktake counts the item; InvalidInput for a bin of another warehouse or a lot of another variant.
    """
    check_counter(actor)
    parameters = {"stocktake": stocktake_id, "variant": variant_id, "lot": lot_id, "bin": bin_id}

    def run() -> int:
        return _add_found(stocktake_id, variant_id, lot_id, bin_id).pk

    return StocktakeLine.objects.get(pk=once(key=f"inventory.count:{key}", parameters=parameters, run=run))


@transaction.atomic
def _add_found(stocktake_id: int, variant_id: int, lot_id: int | None, bin_id: int | None) -> StocktakeLine:
    stocktake = lock_stocktake(pk=stocktake_id)
    if not stocktake.is_under_way:
        raise Conflict(_("This stocktake is not being counted any more."))
    if bin_id and not Bin.objects.filter(pk=bin_id, warehouse=stocktake.warehouse_id).exists():
        raise InvalidInput(_("This bin is in another warehouse."))
    if lot_id and not Lot.objects.filter(pk=lot_id, variant=variant_id).exists():
        raise InvalidInput(_("This lot is of another variant."))
    made = [StockItem(variant_id=variant_id, warehouse_id=stocktake.warehouse_id)]
    StockItem.objects.bulk_create(made, ignore_conflicts=True)
    [item] = lock_items(variant_id=variant_id, warehouse_id=stocktake.warehouse_id)
    place = Place(item.pk, lot_id, bin_id)
    known = stocktake.lines.filter(stock_item=item, lot=lot_id, bin=bin_id).first()
    if known is not None:
        return known
    if counted_now().filter(stock_item=item).exclude(stocktake=stocktake).exists():
        raise Conflict(_("Another stocktake that is not finished counts it already."))
    return _add(stocktake, [place], {})[0]


def _add(stocktake: Stocktake, places: Sequence[Place], signs: Mapping[int, list[list[Any]]]) -> list[StocktakeLine]:
    """Write lines with the class and the cost of today: reports of later days must not change with them."""
    ids = {place.stock_item_id for place in places}
    rows = StockItem.objects.filter(pk__in=ids).values_list("pk", "variant_id", "variant__stock_policy__abc")
    items = {pk: (variant_id, abc or "") for pk, variant_id, abc in rows}
    costs = unit_costs(
        variant_ids={variant_id for variant_id, _abc in items.values()},
        warehouse_id=stocktake.warehouse_id,
        country=stocktake.warehouse.country,
    )
    lines = []
    for place in places:
        variant_id, abc = items[place.stock_item_id]
        cost = costs.get(variant_id)
        line = StocktakeLine(
            stocktake=stocktake, stock_item_id=place.stock_item_id, lot_id=place.lot_id, bin_id=place.bin_id, abc=abc,
            signs=signs.get(place.stock_item_id, []), unit_cost=cost.amount if cost else None,
            currency=cost.currency if cost else "",
        )  # fmt: skip
        lines.append(line)
    return StocktakeLine.objects.bulk_create(lines, batch_size=2000)
