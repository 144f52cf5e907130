"""What bank deposits hold of persons: who paid, kept as long as payments are."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.models import Duty
from customers.models import Customer
from orders.models import Order
from orders.selectors.retention import blocking_reason, kept_until
from payments.models import BankDeposit
from payments.services.forgetting import forget_payer
from privacy.records import Holding, RecordClass, register_records
from privacy.subjects import Known, SubjectKind, register_subject


def known_of_deposit(deposit: BankDeposit) -> Known:
    """Return who paid and what the bank's line says."""
    return [(_("payer"), deposit.payer_name), (_("Text"), deposit.message)]


_TOLD = ("deposited_on", "amount", "currency", "payer_name", "message")


def collect_deposits(customer_id: int) -> list[dict[str, Any]]:
    """Return each deposit that paid one of the customer's orders; amounts in minor units."""
    rows = BankDeposit.objects.filter(matches__order__customer_id=customer_id).distinct().order_by("pk")
    return list(rows.values(*_TOLD))


def deposits_holding(customer_id: int, _today: date) -> Holding:
    """Payments are kept as the law of each order's place says."""
    orders = Order.objects.filter(customer_id=customer_id, deposit_matches__isnull=False).distinct()
    kept = kept_until(duties=[Duty.RECORDS_PAYMENT], made=orders.values_list("jurisdiction", "country", "placed_at"))
    count = len(collect_deposits(customer_id))
    return Holding(
        count=count,
        keep_until=kept.until if kept else None,
        rule=kept.rule if kept else "",
        source=kept.source if kept else "",
        is_verified=bool(kept and kept.is_verified),
        blocked=blocking_reason(count=count, kept=kept),
    )


register_subject(
    SubjectKind(
        key="deposit",
        model=BankDeposit,
        label=lambda deposit: f"{_('Bank deposit')} {deposit.pk}",
        reveal=known_of_deposit,
        sees="payments.match_bankdeposit",
        what=gettext_lazy("payer and text of the bank"),
    )
)
register_records(
    RecordClass(
        key="payments.deposits",
        model=Customer,
        label=gettext_lazy("Bank deposits"),
        collect=collect_deposits,
        holding=deposits_holding,
        erase=lambda customer_id: forget_payer(customer_id=customer_id),
    )
)
