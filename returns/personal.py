"""What cases of returns and claims hold of persons: their words and pictures, kept as disputes are."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.models import Duty
from customers.models import Customer
from orders.selectors.retention import blocking_reason, kept_until
from privacy.records import Holding, RecordClass, register_records
from returns.models import OPEN_REQUESTS, ReturnRequest
from returns.services.forgetting import forget_claimant

_TOLD = ("number", "kind", "state", "asked_at", "customer_note", "staff_note")


def collect_cases(customer_id: int) -> list[dict[str, Any]]:
    """Return each case with what the customer and colleagues wrote."""
    rows = ReturnRequest.objects.filter(order__customer_id=customer_id).order_by("pk")
    return list(rows.values(*_TOLD))


def cases_holding(customer_id: int, _today: date) -> Holding:
    """Disputes are kept as the law of the order's place says; an open case blocks the erasure."""
    cases = ReturnRequest.objects.filter(order__customer_id=customer_id)
    open_case = cases.filter(state__in=OPEN_REQUESTS).order_by("pk").values_list("number", flat=True).first()
    made = list(cases.values_list("order__jurisdiction", "order__country", "asked_at"))
    kept = kept_until(duties=[Duty.RECORDS_DISPUTE, Duty.RECORDS_CONTRACT], made=made)
    return Holding(
        count=len(made),
        keep_until=kept.until if kept else None,
        rule=kept.rule if kept else "",
        source=kept.source if kept else "",
        is_verified=bool(kept and kept.is_verified),
        blocked=_("Case %(number)s is open. End it first.") % {"number": open_case}
        if open_case
        else blocking_reason(count=len(made), kept=kept),
    )


register_records(
    RecordClass(
        key="returns.cases",
        model=Customer,
        label=gettext_lazy("Returns, exchanges and claims"),
        collect=collect_cases,
        holding=cases_holding,
        erase=lambda customer_id: forget_claimant(customer_id=customer_id),
    )
)
