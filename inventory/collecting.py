"""What collections may choose products by that only stock knows."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from catalog.collecting import RANGE, Operator, Subject, register_subject, whole_number
from inventory.models import AVAILABLE, MovementKind, StockItem, StockMovement

ARRIVALS = (MovementKind.RECEIVED, MovementKind.COUNTED, MovementKind.RETURNED, MovementKind.MOVED_IN)


def _available(operator: Operator, value: str) -> Q:
    """Return the products of which one variant has, in one active warehouse, at least or at most so many pieces."""
    limit = whole_number(value)
    items = StockItem.objects.filter(variant__product=OuterRef("pk"), warehouse__is_active=True).annotate(
        free=AVAILABLE
    )
    if operator == Operator.AT_LEAST:
        return Q(Exists(items.filter(free__gte=limit)))
    return ~Q(Exists(items.filter(free__gt=limit)))


def _stock_age(operator: Operator, value: str) -> Q:
    """Return the products with pieces on hand of which nothing arrived, or something did, in the last so many days."""
    moment = timezone.now() - timedelta(days=whole_number(value))
    held = StockItem.objects.filter(variant__product=OuterRef("pk"), on_hand__gt=0)
    arrived = StockMovement.objects.filter(
        stock_item__variant__product=OuterRef("pk"), kind__in=ARRIVALS, on_hand_change__gt=0, at__gt=moment
    )
    fresh = Q(Exists(arrived))
    return Q(Exists(held)) & (~fresh if operator == Operator.AT_LEAST else fresh)


def _unsold(operator: Operator, value: str) -> Q:
    """Return the products with pieces on hand of which nothing was shipped, or something was, in so many days."""
    moment = timezone.now() - timedelta(days=whole_number(value))
    held = StockItem.objects.filter(variant__product=OuterRef("pk"), on_hand__gt=0)
    shipped = StockMovement.objects.filter(
        stock_item__variant__product=OuterRef("pk"), kind=MovementKind.SHIPPED, at__gt=moment
    )
    sold = Q(Exists(shipped))
    return Q(Exists(held)) & (~sold if operator == Operator.AT_LEAST else sold)


register_subject(
    Subject(
        code="available",
        label=gettext_lazy("Pieces available in a warehouse"),
        operators=RANGE,
        condition=_available,
        example="5",
    )
)
register_subject(
    Subject(
        code="stock_age",
        label=gettext_lazy("Stock age: days since pieces arrived"),
        operators=RANGE,
        condition=_stock_age,
        example="90",
    )
)
register_subject(
    Subject(
        code="unsold",
        label=gettext_lazy("Days without a shipment, with stock"),
        operators=RANGE,
        condition=_unsold,
        example="60",
    )
)
