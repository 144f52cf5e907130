"""What reviews hold of persons: the author's name."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy

from customers.models import Customer
from privacy.records import Holding, RecordClass, register_records
from voice.models import Review
from voice.services.forgetting import forget_author

_TOLD = ("written_at", "rating", "title", "body", "author_name")


def collect_reviews(customer_id: int) -> list[dict[str, Any]]:
    """Return each review of the customer."""
    rows = Review.objects.filter(customer_id=customer_id).order_by("pk")
    return list(rows.values(*_TOLD))


def reviews_holding(customer_id: int, _today: date) -> Holding:
    """No law wants the author's name kept."""
    return Holding(count=Review.objects.filter(customer_id=customer_id).count())


register_records(
    RecordClass(
        key="voice.reviews",
        model=Customer,
        label=gettext_lazy("The author’s name at reviews"),
        collect=collect_reviews,
        holding=reviews_holding,
        erase=lambda customer_id: forget_author(customer_id=customer_id),
    )
)
