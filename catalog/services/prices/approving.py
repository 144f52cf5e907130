"""A second person says yes: the price that waited begins, now or as planned."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import PriceProposal, ProposalState
from catalog.services.prices.many import PriceRow, PriceState, change_prices
from catalog.services.prices.proposing import check_may_decide, close_proposals, lock_waiting, own_aside
from staff.models import User


@transaction.atomic
def approve_prices(
    *, proposal_ids: Collection[int], note: str = "", actor: User | None = None
) -> tuple[int, list[tuple[str, str]]]:
    """Let prices that wait begin; return how many, and (SKU, reason) of those that cannot.

    A start that has passed meanwhile is now. Refused: what one asked for oneself, what is decided already, a period
    that is over, and what no longer fits the planned prices; those go on waiting. The requesters are told. NotAllowed
    without the right to approve.

    1. The variants are locked in key order, then the proposals: of two approvers one finds it decided.
    2. The prices are set in one batch, without the guard.
    """
    check_may_decide(actor)
    rows, refused = own_aside(lock_waiting(proposal_ids), proposal_ids, actor)
    now = timezone.now()
    over = [row for row in rows if row.ends_at is not None and row.ends_at <= now]
    refused += [(row.variant.sku, _("Its period is over.")) for row in over]
    rows = [row for row in rows if row not in over]
    outcomes = change_prices(rows=[_row(row, now) for row in rows], is_approved=True, actor=actor)
    approved = [row for row, outcome in zip(rows, outcomes, strict=True) if outcome.state != PriceState.REFUSED]
    close_proposals(approved, state=ProposalState.APPROVED, note=note.strip(), actor=actor)
    refused += [
        (row.variant.sku, outcome.sentence)
        for row, outcome in zip(rows, outcomes, strict=True)
        if outcome.state == PriceState.REFUSED
    ]
    return len(approved), refused


def _row(proposal: PriceProposal, now: datetime) -> PriceRow:
    wanted = {name: getattr(proposal, name) for name in ("compare_at", "list_price", "cost")}
    is_late = proposal.starts_at is not None and proposal.starts_at <= now
    return PriceRow(
        variant_id=proposal.variant_id,
        sales_channel_id=proposal.sales_channel_id,
        amount=proposal.amount,
        **wanted,
        clear=[name for name, value in wanted.items() if value is None],
        currency=proposal.currency,
        starts_at=None if is_late else proposal.starts_at,
        ends_at=proposal.ends_at,
    )
