"""What may still be ordered this month, and which proposals are too much for it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone

from core.money import to_decimal, to_minor
from purchasing.models import ProposalState, PurchaseBudget, PurchaseOrder, PurchaseState, ReorderProposal, Supplier
from purchasing.selectors.rates import rate_on

Convert = Callable[[int, str, str], int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetUse:
    """One budget in minor units of its currency; ``unknown`` counts orders whose currency has no exchange rate."""

    budget: PurchaseBudget
    ordered: int
    proposed: int
    unknown: int = 0

    @property
    def left(self) -> int:
        """Return what may still be ordered; below 0 when it is overdrawn."""
        return self.budget.amount - self.ordered

    @property
    def is_over(self) -> bool:
        """Tell whether what is ordered and proposed together is too much."""
        return self.proposed > self.left


def converter(day: date) -> Convert:
    """Return a function (amount, from currency, to currency) -> minor units by the rates of ``day``, None if unknown.

    Each rate is read once.
    """
    known: dict[str, Decimal | None] = {}

    def convert(amount: int, source: str, target: str) -> int | None:
        if source == target:
            return amount
        for currency in (source, target):
            if currency not in known:
                known[currency] = rate_on(currency=currency, day=day)
        first, second = known[source], known[target]
        if first is None or second is None:
            return None
        return to_minor(to_decimal(amount, source) * first / second, target)

    return convert


def budget_uses(*, today: date | None = None) -> list[BudgetUse]:
    """Return the budgets of this month, the one of all suppliers first, with what was ordered and is proposed.

    Ordered counts from the draft on, cancelled orders do not; by the day on which they were drafted.
    """
    today = today or timezone.localdate()
    budgets = list(_budgets(today))
    if not budgets:
        return []
    ordered, proposed = _ordered(today), _proposed()
    convert = converter(today)
    return [_use(budget, ordered, proposed, convert) for budget in budgets]


def _budgets(today: date) -> "Iterable[PurchaseBudget]":
    rows = PurchaseBudget.objects.filter(month=today.replace(day=1)).select_related("supplier")
    return sorted(rows, key=lambda row: (row.supplier_id is not None, row.supplier.name if row.supplier else ""))


def _ordered(today: date) -> list[tuple[int, str, int]]:
    first = today.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    rows = (
        PurchaseOrder.objects.filter(created_at__date__gte=first, created_at__date__lt=following)
        .exclude(state=PurchaseState.CANCELLED)
        .order_by()
        .values_list("supplier_id", "currency")
        .annotate(amount=Sum("total"))
    )
    return list(rows)


def _proposed() -> list[tuple[int, str, int]]:
    rows = (
        ReorderProposal.objects.filter(state=ProposalState.OPEN, amount__isnull=False, item__isnull=False)
        .order_by()
        .values_list("item__supplier_id", "item__supplier__currency")
        .annotate(total=Sum("amount"))
    )
    return list(rows)


def _use(
    budget: PurchaseBudget,
    ordered: Sequence[tuple[int, str, int]],
    proposed: Sequence[tuple[int, str, int]],
    convert: Convert,
) -> BudgetUse:
    def amounts(rows: Sequence[tuple[int, str, int]]) -> list[int | None]:
        return [
            convert(amount, currency, budget.currency)
            for supplier_id, currency, amount in rows
            if budget.supplier_id in (None, supplier_id)
        ]

    spent, wanted = amounts(ordered), amounts(proposed)
    return BudgetUse(
        budget=budget,
        ordered=sum(amount or 0 for amount in spent),
        proposed=sum(amount or 0 for amount in wanted),
        unknown=sum(amount is None for amount in spent),
    )


@dataclass(slots=True)
class _Pot:
    left: int
    currency: str


class Purse:
    """What the month's budgets leave, taken from step by step; without budgets there is no bound."""

    def __init__(self, uses: Sequence[BudgetUse], today: date) -> None:
        """Begin with what was not ordered yet."""
        self._pots = {use.budget.supplier_id: _Pot(use.left, use.budget.currency) for use in uses}
        self._convert = converter(today)

    def reaches(self, amount: int, supplier: Supplier) -> bool:
        """Tell whether so much (minor units of the supplier's currency) may still be spent with this supplier.

        False when nobody knows what the currency is worth in a budget's.
        """
        return all(cost is not None and cost <= pot.left for pot, cost in self._costs(amount, supplier))

    def take(self, amount: int, supplier: Supplier) -> bool:
        """Spend so much if it may be, and tell whether it was."""
        if not self.reaches(amount, supplier):
            return False
        for pot, cost in self._costs(amount, supplier):
            pot.left -= cost or 0
        return True

    def _costs(self, amount: int, supplier: Supplier) -> list[tuple[_Pot, int | None]]:
        pots = [self._pots[key] for key in (None, supplier.pk) if key in self._pots]
        return [(pot, self._convert(amount, supplier.currency, pot.currency)) for pot in pots]


def over_budget(
    rows: Iterable[ReorderProposal],
    *,
    uses: Sequence[BudgetUse] | None = None,
    today: date | None = None,
    purse: Purse | None = None,
) -> set[int]:
    """Return the proposals (their ids) that this month's budgets do not reach for, when the most urgent go first.

    Those without a price cost nothing here; one whose currency cannot be converted counts as too much. A ``purse``
    that is given has spent the others afterwards.
    """
    today = today or timezone.localdate()
    if purse is None:
        purse = Purse(budget_uses(today=today) if uses is None else uses, today)
    priced = [row for row in rows if row.item is not None and row.amount is not None]
    return {
        row.pk
        for row in sorted(priced, key=lambda row: (row.order_by or date.max, row.pk))
        if row.item and not purse.take(row.amount or 0, row.item.supplier)
    }
