"""What tests of stocktakes make again and again."""

from itertools import count
from typing import Any

from inventory.models import CountReason, StockItem, Stocktake, StocktakeLine, StocktakeScope
from inventory.services import Need, StockRequest, reserve_stock
from inventory.services.counting import (
    CountRules,
    CountScope,
    approve_stocktake,
    count_line,
    plan_stocktake,
    review_stocktake,
    start_stocktake,
)
from staff.models import User
from tests.factories import make_user

_keys = count(1)
COUNT, APPROVE = "inventory.count_stock", "inventory.approve_stocktake"


def make_counter(**over: Any) -> User:
    """Make somebody of the warehouse."""
    return make_user(permissions=[COUNT], **over)


def make_judge(**over: Any) -> User:
    """Make somebody who may count and approve."""
    return make_user(permissions=[COUNT, APPROVE], **over)


def make_stocktake(*items: StockItem, actor: User | None = None, is_started: bool = True, **rules: Any) -> Stocktake:
    """Plan a stocktake of these items, and start it."""
    scope = CountScope(kind=StocktakeScope.CHOSEN, stock_item_ids=[item.pk for item in items])
    stocktake = plan_stocktake(warehouse_id=items[0].warehouse_id, scope=scope, rules=CountRules(**rules), actor=actor)
    return start_stocktake(stocktake_id=stocktake.pk, actor=actor) if is_started else stocktake


def line_of(stocktake: Stocktake, item: StockItem) -> StocktakeLine:
    """Return the line of an item."""
    return stocktake.lines.get(stock_item=item)


def counted(stocktake: Stocktake, item: StockItem, pieces: int, actor: User | None, key: str = "") -> StocktakeLine:
    """Count an item."""
    line = line_of(stocktake, item)
    return count_line(line_id=line.pk, counted=pieces, key=key or f"key{next(_keys)}", actor=actor)


def approved(stocktake: Stocktake, judge: User) -> Stocktake:
    """Give every open difference a reason and lead the stocktake to its approval."""
    StocktakeLine.objects.filter(stocktake=stocktake, state="investigate").update(
        state="accepted", reason=CountReason.UNKNOWN
    )
    review_stocktake(stocktake_id=stocktake.pk, actor=None)
    return approve_stocktake(stocktake_id=stocktake.pk, actor=judge)


def reserve(item: StockItem, pieces: int) -> None:
    """Promise pieces to an order."""
    need = Need(key=f"test:{next(_keys)}", variant_id=item.variant_id, quantity=pieces)
    [answer] = reserve_stock(requests=[StockRequest(reference="O-1", needs=[need])])
    assert answer.is_served
