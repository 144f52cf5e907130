"""What pictures tell customers is compared with what the shop asks for."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from catalog.models import Price, Product
from staff.models import StaleReason, TaskStatus, User
from staff.selectors import tasks_about
from staff.services import clear_stale, mark_stale


@transaction.atomic
def check_shown_prices(*, product_ids: Collection[int] | None = None, actor: User | None = None) -> tuple[int, int]:
    """Mark delivered and live pictures whose price nobody is asked for any more; return (newly stale, true again).

    A picture is true while any variant of the product has the shown price in the shown currency on any channel.
    ``product_ids`` limits the work; None looks at all pictures that show a price.
    """
    now = timezone.now()
    asked = Price.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=now),
        variant__product_id=OuterRef("subject_id"),
        currency=OuterRef("shown_currency"),
        amount=OuterRef("shown_price"),
        starts_at__lte=now,
    )
    shown = tasks_about(Product, product_ids).filter(
        status__in=[TaskStatus.DELIVERED, TaskStatus.LIVE], shown_price__isnull=False
    )
    untrue = list(shown.filter(~Exists(asked), stale_at=None).values_list("pk", flat=True))
    true_again = list(shown.filter(Exists(asked), stale_reason=StaleReason.PRICE).values_list("pk", flat=True))
    if untrue:
        mark_stale(task_ids=untrue, reason=StaleReason.PRICE, actor=actor)
    if true_again:
        clear_stale(task_ids=true_again, reason=StaleReason.PRICE, actor=actor)
    return len(untrue), len(true_again)
