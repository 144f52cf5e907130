"""Taking every name out of a customer: the row stays, so that orders can be counted."""

from django.db import transaction

from core.events import record
from customers.events import CustomerForgotten
from customers.models import Customer, Identity


@transaction.atomic
def forget_customer(*, customer_id: int) -> int:
    """Empty name, reading, note and search words, remove the identities; return how many rows changed.

    Country and language stay: they tell nobody. Repeating changes nothing. Called by erasures that were decided.
    """
    customer = Customer.objects.select_for_update(no_key=True, of=("self",)).get(pk=customer_id)
    removed, _by_model = Identity.objects.filter(customer=customer).delete()
    if not (removed or customer.name or customer.kana or customer.note or customer.search_text):
        return 0
    customer.name = customer.kana = customer.note = customer.search_text = ""
    customer.save(update_fields=["name", "kana", "note", "search_text", "updated_at"])
    record(CustomerForgotten(customer_id=customer.pk), subject=customer)
    return removed + 1
