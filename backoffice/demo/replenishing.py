"""What to reorder, within a budget; some put off, one refused; what lies too long."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.utils import timezone

from backoffice.demo.worth import age_layers
from purchasing.models import ProposalState, PurchaseBudget, ReorderProposal
from purchasing.selectors.budgets import budget_uses
from purchasing.services import value_movements
from purchasing.services.replenishing.ageing import judge_stock
from purchasing.services.replenishing.deciding import dismiss_proposals, snooze_proposals
from purchasing.services.replenishing.proposing import propose
from staff.models import User

LEAST = 8  # proposals, or nothing is decided about them
STEP = 10_000_000  # won: budgets are round


def plan_purchases(*, team: Mapping[str, User], now: datetime) -> int:
    """Value stock, as old as the story has it; propose, decide about three; return how many are open."""
    manager, today = team["manager"], timezone.localdate()
    while value_movements():
        pass
    age_layers(now=now)
    propose()
    ids = _of_suppliers()
    if len(ids) >= LEAST:
        snooze_proposals(proposal_ids=ids[-2:], until=today + timedelta(days=7), actor=manager)
        dismiss_proposals(proposal_ids=ids[-3:-2], reason="다음 시즌 상품으로 교체 예정", actor=manager)
    _set_budget(today)
    judge_stock()
    return int(ReorderProposal.objects.filter(state=ProposalState.OPEN).count())


def _set_budget(today: date) -> None:
    """Leave enough for most of what is proposed, not for all of it."""
    month = today.replace(day=1)
    budget, _made = PurchaseBudget.objects.get_or_create(
        month=month, supplier=None, defaults={"currency": "KRW", "amount": 0}
    )
    [use] = budget_uses(today=today)
    budget.amount = -(-(use.ordered + use.proposed * 7 // 10) // STEP) * STEP
    budget.save(update_fields=["amount"])


def _of_suppliers() -> list[int]:
    rows = ReorderProposal.objects.filter(state=ProposalState.OPEN, item__isnull=False).order_by("order_by", "pk")
    return list(rows.values_list("pk", flat=True))
