"""What a hold rule would have held: before it is saved, on orders of the past."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from orders.conditions import Conditions, condition_of
from orders.models import Order

SHOWN = 50


@dataclass(frozen=True, slots=True)
class RulePreview:
    """Of ``total`` orders of the last ``days`` the rule means ``count``; ``orders`` are the newest of them."""

    days: int
    total: int
    count: int
    open_count: int
    orders: list[Order]

    @property
    def share(self) -> float:
        """The part of all orders that is meant, in per cent."""
        return 100 * self.count / self.total if self.total else 0.0


def preview_rule(*, conditions: Conditions, days: int) -> RulePreview:
    """Return what these conditions mean among the orders of the last ``days``; InvalidInput for meaningless ones.

    Open orders are counted whatever their age: those are held as soon as the rule is saved.
    """
    condition = condition_of(conditions)
    past = Order.objects.filter(placed_at__gte=timezone.now() - timedelta(days=days)).order_by()
    meant = past.filter(condition)
    newest = meant.select_related("sales_channel").order_by("-placed_at", "-pk")[:SHOWN]
    return RulePreview(
        days=days,
        total=past.count(),
        count=meant.count(),
        open_count=Order.objects.open().filter(condition).order_by().count(),
        orders=list(newest),
    )
