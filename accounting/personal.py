"""What issued papers hold of persons: they stay as they were issued, as long as the law wants papers kept."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.models import IssuedDocument
from compliance.models import Duty
from customers.models import Customer
from orders.selectors.retention import blocking_reason, kept_until
from privacy.records import Holding, RecordClass, register_records

_TOLD = ("number", "kind", "issued_on", "recipient", "gross", "currency")


def collect_papers(customer_id: int) -> list[dict[str, Any]]:
    """Return each paper of the customer's orders and to whom it was issued; amounts in minor units."""
    rows = IssuedDocument.objects.filter(order__customer_id=customer_id).order_by("pk")
    return list(rows.values(*_TOLD))


def papers_holding(customer_id: int, _today: date) -> Holding:
    """Papers cannot change and cannot move: a ledger of numbers without gaps is what tax offices look at."""
    rows = IssuedDocument.objects.filter(order__customer_id=customer_id)
    made = list(rows.values_list("order__jurisdiction", "order__country", "at"))
    kept = kept_until(duties=[Duty.RECORDS_INVOICE, Duty.RECORDS_PAYMENT], made=made)
    return Holding(
        count=len(made),
        keep_until=kept.until if kept else None,
        rule=kept.rule if kept else _("Issued papers stay as they were issued"),
        source=kept.source if kept else "",
        is_verified=bool(kept and kept.is_verified),
        blocked=blocking_reason(count=len(made), kept=kept),
        stays=True,
    )


register_records(
    RecordClass(
        key="accounting.papers",
        model=Customer,
        label=gettext_lazy("Invoices, receipts and other issued papers"),
        collect=collect_papers,
        holding=papers_holding,
        erase=lambda _customer_id: 0,
    )
)
