"""What tests of orders ask again and again."""

from django.contrib.contenttypes.models import ContentType

from core.events import fact
from core.models import EventRecord
from core.verify import verify
from inventory.models import StockItem
from orders.models import Order


def sentences(order: Order) -> list[str]:
    """Return the timeline of an order, oldest first."""
    subject = ContentType.objects.get_for_model(Order)
    records = EventRecord.objects.filter(subject_type=subject, subject_id=order.pk).order_by("id")
    return [event.sentence() for record in records if (event := fact(record))]


def counters(item: StockItem) -> tuple[int, int]:
    """Return (on hand, reserved) as stored now."""
    return StockItem.objects.values_list("on_hand", "reserved").get(pk=item.pk)


def assert_sound() -> None:
    """Every invariant of every app holds."""
    broken = [(finding.invariant.name, finding.breaches) for finding in verify() if not finding.holds]
    assert broken == [], broken
