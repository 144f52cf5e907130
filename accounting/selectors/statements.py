"""Reads for the page of a statement: its sums by kind, and the bank deposit that its payout may be."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, Sum

from accounting.models import Settlement, SettlementDifference, SettlementKind
from payments.models import BankDeposit, DepositState

NEAR = timedelta(days=5)  # banks credit a little later than malls say
SHOWN = 50


@dataclass(frozen=True, slots=True)
class KindSum:
    """The lines of one kind: how many, of how many orders, and what they come to."""

    kind: str
    label: str
    count: int
    orders: int
    amount: int


def sums_by_kind(settlement: Settlement) -> list[KindSum]:
    """Return what each kind of line comes to, in the order of the kinds."""
    rows = (
        settlement.lines.order_by()
        .values_list("kind")
        .annotate(Count("pk"), Count("order", distinct=True), Sum("amount"))
    )
    found = {kind: (count, orders, amount) for kind, count, orders, amount in rows}
    return [KindSum(kind.value, str(kind.label), *found[kind.value]) for kind in SettlementKind if kind.value in found]


def differences_shown(settlement: Settlement) -> list[SettlementDifference]:
    """Return the first differences, those to decide before the others."""
    rows = settlement.differences.select_related("order").order_by("-state", "pk")
    return list(rows[:SHOWN])


def deposit_of(settlement: Settlement) -> BankDeposit | None:
    """Return the deposit of the same amount that came when the payout should, None when there is none or two."""
    if settlement.payout is None or settlement.payout <= 0 or settlement.paid_on is None:
        return None
    near = Q(deposited_on__gte=settlement.paid_on - NEAR, deposited_on__lte=settlement.paid_on + NEAR)
    rows = BankDeposit.objects.filter(near, amount=settlement.payout, currency=settlement.currency)
    found = list(rows.exclude(state__in=[DepositState.MATCHED, DepositState.RETURNED]).order_by("pk")[:2])
    return found[0] if len(found) == 1 else None
