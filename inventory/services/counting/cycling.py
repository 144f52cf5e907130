"""Cycle counts: the clock plans a little every day, so that everything is counted as often as its class asks."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from core.errors import InvalidInput
from inventory.models import CountPlan, StockItem, Stocktake, StocktakeScope, StocktakeState
from inventory.services.counting.choosing import CountScope, counted_now, of_class
from inventory.services.counting.planning import plan_stocktake
from inventory.suspecting import last_counted


def plan_cycle_counts(*, today: date | None = None) -> list[Stocktake]:
    """Plan a stocktake for each active plan with anything due today, and return those made.

    Due is what was never counted, or not for ``every_days``, the longest ago first, at most ``lines_a_day`` items. A
    plan has one stocktake a day, and none while an earlier one waits to be begun: piles are counted by nobody.
    """
    day = today or timezone.localdate()
    made = []
    for plan in CountPlan.objects.filter(is_active=True, warehouse__is_active=True).order_by("pk"):
        stocktake = _plan_for(plan, day)
        if stocktake is not None:
            made.append(stocktake)
    return made


@transaction.atomic
def _plan_for(plan: CountPlan, day: date) -> Stocktake | None:
    # two who run at once: the second one waits, and finds the stocktake of the day
    plan = CountPlan.objects.select_for_update().select_related(None).get(pk=plan.pk)
    if plan.stocktakes.filter(Q(planned_for__gte=day) | Q(state=StocktakeState.PLANNED)).exists():
        return None
    due = items_due(plan, day)
    if not due:
        return None
    try:
        with transaction.atomic():
            scope = CountScope(kind=StocktakeScope.ABC, value=plan.abc, stock_item_ids=due)
            return plan_stocktake(warehouse_id=plan.warehouse_id, scope=scope, planned_for=day, plan=plan)
    except InvalidInput:  # somebody planned them by hand meanwhile
        return None


def items_due(plan: CountPlan, day: date) -> list[int]:
    """Return the stock items of a plan that are due on a day, the longest uncounted first."""
    items = of_class(StockItem.objects.filter(warehouse=plan.warehouse_id, on_hand__gt=0), plan.abc)
    limit = timezone.now() - timedelta(days=plan.every_days) + (day - timezone.localdate())
    due = items.exclude(pk__in=counted_now().values("stock_item")).annotate(counted_last=last_counted())
    rows = due.filter(Q(counted_last=None) | Q(counted_last__lte=limit))
    return list(
        rows.order_by(F("counted_last").asc(nulls_first=True), "pk").values_list("pk", flat=True)[: plan.lines_a_day]
    )
