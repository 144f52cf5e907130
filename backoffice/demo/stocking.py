"""How much of everything there must be, so that the past could be shipped and the present has its gaps."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backoffice.demo.catalogue import PlannedProduct
from backoffice.demo.shopping import PlannedOrder
from backoffice.demo.vocabulary import load

Place = tuple[str, str]  # SKU, warehouse code
LOW_AT = 4
LATELY = timedelta(days=8)
SEASON = timedelta(days=120)
ESTABLISHED = timedelta(days=365)


@dataclass(slots=True)
class StockPlan:
    """Opening counts, later deliveries by date, and the SKUs that are sold out."""

    opening: dict[Place, int] = field(default_factory=dict)
    receipts: dict[datetime, dict[Place, int]] = field(default_factory=dict)
    sold_out: list[str] = field(default_factory=list)
    unwatched: set[Place] = field(default_factory=set)  # nobody wants to hear when few are left


def plan_stock(
    *,
    rng: random.Random,
    products: Sequence[PlannedProduct],
    orders: Sequence[PlannedOrder],
    start: datetime,
    now: datetime,
) -> StockPlan:
    """Choose what is sold out, let the orders for it wait, and stock everything else for all that was confirmed."""
    plan = StockPlan(sold_out=_sell_out(orders, now))
    warehouse: dict[str, str] = {one["country"]: one["code"] for one in load("shop")["warehouse"]}
    needed: dict[Place, Counter[datetime]] = {}
    for order in orders:
        if order.fate.confirmed_at and not order.fate.waits:
            for line in order.goods:
                place = (line.sku, warehouse[order.country])
                needed.setdefault(place, Counter())[order.fate.confirmed_at] += line.quantity
    is_new = now - start < ESTABLISHED
    days = [start + timedelta(days=30 * n) for n in range(2, max(3, (now - start).days // 30))]
    for place in _places(products, warehouse):
        demand = needed.get(place, Counter())
        lately = sum(pieces for at, pieces in demand.items() if now - at < SEASON)
        left, is_watched = _left_over(rng, None if is_new else lately)
        left = 0 if place[0] in plan.sold_out else left
        if left and not is_watched:
            plan.unwatched.add(place)
        delivered_at = rng.choice(days) if rng.random() < 0.12 else now
        later = sum(pieces for at, pieces in demand.items() if at > delivered_at)
        plan.opening[place] = left + demand.total() - later
        if later:
            plan.receipts.setdefault(delivered_at, {})[place] = later
    return plan


def _places(products: Sequence[PlannedProduct], warehouse: Mapping[str, str]) -> list[Place]:
    """Return what lies where: everything in Seoul, in Osaka what is sold in Japan."""
    japanese = {one["code"] for one in load("shop")["channel"] if one["country"] == "JP"}
    places = []
    for product in products:
        for variant in product.variants:
            places.append((variant.sku, warehouse["KR"]))
            if japanese & set(product.offers):
                places.append((variant.sku, warehouse["JP"]))
    return places


def _left_over(rng: random.Random, lately: int | None) -> tuple[int, bool]:
    """Return what is left, and whether somebody wants to hear when it is little.

    A new shop (``lately`` is None) has full shelves; an old one has weeks or months of sales, of some goods too much.
    """
    chance = rng.random()
    if chance < 0.012:
        return rng.randrange(1, LOW_AT + 1), True
    if lately is None or chance < 0.1:
        return rng.randrange(LOW_AT + 2, 45), True
    left = 1 + lately * rng.randrange(25, 140) // 100
    return left, left > LOW_AT


def _sell_out(orders: Sequence[PlannedOrder], now: datetime) -> list[str]:
    """Let some of the orders confirmed lately wait, with all others for the same goods, and return those SKUs.

    Only goods of which nothing was ever cancelled or returned: pieces that came free would serve a waiting order.
    """
    wanted = max(3, len(orders) // 500)
    came_free = {
        line.sku
        for order in orders
        if order.fate.confirmed_at and (order.fate.cancelled_at or order.fate.returned_at)
        for line in order.goods
    }
    lately = [
        order
        for order in orders
        if order.fate.confirmed_at and now - order.fate.confirmed_at < LATELY and not order.fate.cancelled_at
    ]
    # what is sent in parts, or gone in part, had its pieces: one that waits must not take them away
    served = {line.sku for order in lately if order.fate.partly_shipped_at for line in order.goods}
    chosen: dict[str, None] = {}
    waiting = 0
    for order, sku in [(one, line.sku) for one in reversed(lately) for line in one.goods]:
        if waiting >= wanted or sku in came_free | served or order.fate.waits:
            continue
        others = [one for one in lately if any(line.sku == sku for line in one.goods)]
        if any(one.fate.partly_shipped_at for one in others):
            continue
        chosen[sku] = None
        for other in others:
            waiting += not other.fate.waits
            other.fate.waits = True
            other.fate.shipped_at = None
            if not other.is_prepaid:
                other.fate.paid_at = None
    return list(chosen)
