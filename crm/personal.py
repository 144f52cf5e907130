"""What we wrote about customers ourselves, for who asks about themselves."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy

from crm.models import CustomerNote, CustomerTag
from crm.services.forgetting import forget_notes
from customers.models import Customer
from privacy.records import Holding, RecordClass, register_records


def collect_notes(customer_id: int) -> list[dict[str, Any]]:
    """Return each note and tag of a customer."""
    notes = CustomerNote.objects.filter(customer=customer_id).order_by("pk").values("body", "at")
    tags = CustomerTag.objects.filter(customer=customer_id).order_by("tag__name").values_list("tag__name", flat=True)
    return [*(dict(row) for row in notes), *({"tag": name} for name in tags)]


def notes_holding(customer_id: int, _today: date) -> Holding:
    """No law wants notes and tags kept."""
    return Holding(count=len(collect_notes(customer_id)))


register_records(
    RecordClass(
        key="crm.notes",
        model=Customer,
        label=gettext_lazy("Notes and tags of colleagues"),
        collect=collect_notes,
        holding=notes_holding,
        erase=lambda customer_id: forget_notes(customer_id=customer_id),
    )
)
