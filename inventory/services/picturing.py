"""Pictures that customers see of what is sold out."""

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from catalog.models import Product
from inventory.models import StockItem
from staff.models import StaleReason, TaskStatus, User
from staff.selectors import tasks_about
from staff.services import clear_stale, mark_stale


@transaction.atomic
def check_pictured_stock(*, actor: User | None = None) -> tuple[int, int]:
    """Mark live pictures of products of which nothing can be sold any more; return (newly stale, true again).

    Sold out is a product that was ever stocked and has no available piece of an active variant in an active warehouse.
    """
    stocked = StockItem.objects.filter(variant__product_id=OuterRef("subject_id"))
    sellable = stocked.filter(variant__is_active=True, warehouse__is_active=True, on_hand__gt=F("reserved") + F("held"))
    live = tasks_about(Product, None).filter(status=TaskStatus.LIVE, deliverables__isnull=False).distinct()
    sold_out = live.filter(Exists(stocked), ~Exists(sellable), stale_at=None)
    back = live.filter(Exists(sellable), stale_reason=StaleReason.SOLD_OUT)
    untrue, true_again = (sorted(rows.values_list("pk", flat=True)) for rows in (sold_out, back))
    if untrue:
        mark_stale(task_ids=untrue, reason=StaleReason.SOLD_OUT, actor=actor)
    if true_again:
        clear_stale(task_ids=true_again, reason=StaleReason.SOLD_OUT, actor=actor)
    return len(untrue), len(true_again)
