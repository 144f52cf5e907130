"""Stocktakes of the demo: one posted with its differences, one being counted, one that waits for a judgement."""

from collections.abc import Mapping, Sequence

from inventory.models import (
    AdjustReason,
    CountPlan,
    CountReason,
    EntryKind,
    LineState,
    StockItem,
    Stocktake,
    StocktakeLine,
    StocktakeScope,
    Warehouse,
)
from inventory.services import EntryLine, post_entry
from inventory.services.counting import (
    CountRules,
    CountScope,
    approve_stocktake,
    count_line,
    investigate_lines,
    plan_stocktake,
    post_stocktake,
    review_stocktake,
    start_stocktake,
)
from staff.models import User

PLANS = (("A", 30, 10), ("B", 90, 20), ("C", 180, 30), ("", 365, 30))
LINES = 24
FREE = 6  # pieces that are promised to nobody: whatever is missing can be posted
# what the first three counters find at the shelf: place of the line -> (difference, reason)
POSTED = {
    2: (-2, CountReason.DAMAGED),
    7: (-1, CountReason.STOLEN),
    11: (3, CountReason.RECEIPT),
    18: (-3, CountReason.UNKNOWN),
}
TO_REVIEW = {3: (-1, CountReason.MISCOUNT), 9: (-4, None), 15: (2, CountReason.MISPLACED)}
UNDER_WAY = {1: (-1, None), 4: (0, None)}
LOST = ((AdjustReason.DAMAGED, "Fell from the shelf", -2), (AdjustReason.SAMPLE, "For the photo studio", -1))


def count_shelves(*, team: Mapping[str, User]) -> int:
    """Plan, count, judge and post; return how many lines were counted."""
    warehouse = Warehouse.objects.filter(is_active=True).order_by("rank", "pk").first()
    if warehouse is None:
        return 0
    CountPlan.objects.bulk_create(
        CountPlan(warehouse=warehouse, abc=abc, every_days=days, lines_a_day=lines) for abc, days, lines in PLANS
    )
    # without shelves: what lies in lots and bins is counted line by line, which needs its own numbers
    plain = StockItem.objects.filter(warehouse=warehouse, shelves=None, serials=None).order_by("pk")
    items = [item for item in plain if item.available >= FREE]
    _lose(items[: len(LOST)], team)
    stocktakes = [
        _counted(part, differences, team, until=until)
        for part, differences, until in (
            (items[:LINES], POSTED, LINES),
            (items[LINES : 2 * LINES], TO_REVIEW, LINES),
            (items[2 * LINES : 3 * LINES], UNDER_WAY, 9),
        )
        if part
    ]
    if len(stocktakes) == 3:
        _judged(stocktakes[0], team)
        review_stocktake(stocktake_id=stocktakes[1].pk, actor=team["warehouse"])
    return StocktakeLine.objects.filter(counted__isnull=False).count()


def _counted(
    items: Sequence[StockItem],
    differences: Mapping[int, tuple[int, CountReason | None]],
    team: Mapping[str, User],
    *,
    until: int,
) -> Stocktake:
    """Count the first ``until`` lines, those that differ by two people, and give reasons where they are known."""
    scope = CountScope(kind=StocktakeScope.CHOSEN, stock_item_ids=[item.pk for item in items])
    planner = team["warehouse"]
    stocktake = plan_stocktake(
        warehouse_id=items[0].warehouse_id, scope=scope, rules=CountRules(tolerance_pieces=0), actor=planner
    )
    start_stocktake(stocktake_id=stocktake.pk, actor=planner)
    lines = list(stocktake.lines.select_related("stock_item").order_by("pk")[:until])
    for place, line in enumerate(lines):
        change, reason = differences.get(place, (0, None))
        pieces = max(0, line.stock_item.on_hand + change)
        for number, who in enumerate(("warehouse", "admin")):
            key = f"demo:{line.pk}:{number}"
            if number == 0 or (change and until == LINES):
                line = count_line(line_id=line.pk, counted=pieces, key=key, actor=team[who])  # noqa: PLW2901 the newer
        if reason and line.state == LineState.INVESTIGATE:
            investigate_lines(line_ids=[line.pk], reason=reason, actor=team["admin"])
    return stocktake


def _judged(stocktake: Stocktake, team: Mapping[str, User]) -> None:
    review_stocktake(stocktake_id=stocktake.pk, actor=team["warehouse"])
    approve_stocktake(stocktake_id=stocktake.pk, actor=team["manager"])
    post_stocktake(stocktake_id=stocktake.pk, actor=team["manager"])


def _lose(items: Sequence[StockItem], team: Mapping[str, User]) -> None:
    """Take single pieces off by adjustments with their reason codes."""
    for item, (code, reason, change) in zip(items, LOST, strict=False):
        line = EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=change)
        post_entry(kind=EntryKind.ADJUSTMENT, lines=[line], reason=reason, reason_code=code, actor=team["warehouse"])
