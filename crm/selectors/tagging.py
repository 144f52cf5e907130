"""By which words customers are put together."""

from collections.abc import Collection, Sequence

from crm.models import CustomerTag
from service.selectors.marks import register_marks


def tags_of(customer_ids: Sequence[int]) -> list[str]:
    """Return the tags of a customer and of all that were taken into it, by name, each once."""
    rows = CustomerTag.objects.filter(customer__in=customer_ids).order_by("tag__name")
    return list(dict.fromkeys(rows.values_list("tag__name", flat=True)))


def marks_of_customers(customer_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the tags of each of these customers (one statement): rules of customer service may ask for them."""
    found: dict[int, list[str]] = {}
    rows = CustomerTag.objects.filter(customer__in=customer_ids).values_list("customer_id", "tag__name")
    for customer_id, name in rows:
        found.setdefault(customer_id, []).append(name)
    return found


register_marks("crm.tags", marks_of_customers)
