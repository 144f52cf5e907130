"""By which words customers are put together."""

from collections.abc import Sequence

from crm.models import CustomerTag


def tags_of(customer_ids: Sequence[int]) -> list[str]:
    """Return the tags of a customer and of all that were taken into it, by name, each once."""
    rows = CustomerTag.objects.filter(customer__in=customer_ids).order_by("tag__name")
    return list(dict.fromkeys(rows.values_list("tag__name", flat=True)))
