"""People decide what becomes of differences, close statements that are clear, and take wrong ones back."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.events import DifferencesDecided, SettlementClosed, SettlementUndone
from accounting.models import DifferenceState, Settlement, SettlementDifference, SettlementLine, SettlementState
from accounting.policies import can_decide_settlements, can_undo_settlements
from accounting.services.earning.queueing import queue_orders
from accounting.services.settling.matching import check_alive, lock_settlement, refresh_state
from core.errors import InvalidInput, InvalidTransition
from core.events import record
from orders.services.batches import check_right
from staff.models import User

TOLD = 5  # orders that the timeline names


@transaction.atomic
def decide_differences(
    *, difference_ids: Sequence[int], state: str, reason: str, actor: User | None = None
) -> list[SettlementDifference]:
    """Accept differences for a reason, note that the channel is asked, or open them again; return them.

    InvalidInput for accepting without a reason, InvalidTransition when a statement is closed, NotAllowed without the
    right; then none is decided.
    """
    check_right(can_decide_settlements, actor)
    reason = reason.strip()
    if state not in DifferenceState.values:
        raise InvalidInput(_("Choose what becomes of it."))
    if state == DifferenceState.ACCEPTED and not reason:
        raise InvalidInput(_("Say why it is accepted."))
    wanted = SettlementDifference.objects.filter(pk__in=difference_ids)
    statements = {
        pk: lock_settlement(pk) for pk in sorted(set(wanted.values_list("settlement", flat=True)))
    }  # fmt: skip
    for settlement in statements.values():
        check_alive(settlement)
    rows = list(wanted.select_for_update().order_by("pk"))
    decided: dict[int, list[SettlementDifference]] = defaultdict(list)
    for row in rows:
        row.state, row.reason = state, reason or row.reason
        row.decided_at, row.decided_by = timezone.now(), actor
        decided[row.settlement_id].append(row)
    SettlementDifference.objects.bulk_update(
        rows, ["state", "reason", "decided_at", "decided_by"], batch_size=500
    )  # fmt: skip
    for pk, settlement in statements.items():
        refresh_state(settlement)
        subjects = [row.subject or str(row.get_kind_display()) for row in decided[pk]]
        told = DifferencesDecided(state=state, subjects=subjects[:TOLD], count=len(subjects), reason=reason)
        record(told, subject=settlement, actor=actor)
    return rows


@transaction.atomic
def close_settlement(*, settlement_id: int, actor: User | None = None) -> Settlement:
    """Close a statement in which nothing is left to decide, and return it; its lines stay as they are from then on.

    InvalidTransition while something is to decide, or when it is closed or undone; NotAllowed without the right.
    """
    check_right(can_decide_settlements, actor)
    settlement = lock_settlement(settlement_id)
    check_alive(settlement)
    if settlement.state != SettlementState.OPEN:
        raise InvalidTransition(_("Differences are still to decide."))
    settlement.state, settlement.closed_at, settlement.closed_by = SettlementState.SETTLED, timezone.now(), actor
    settlement.save(update_fields=["state", "closed_at", "closed_by"])
    record(SettlementClosed(reference=settlement.reference), subject=settlement, actor=actor)
    return settlement


@transaction.atomic
def undo_settlement(*, settlement_id: int, reason: str, actor: User | None = None) -> Settlement:
    """Take a statement back that is not closed, with its lines and differences, and return it; its number is free.

    InvalidInput without a reason, InvalidTransition when it is closed or undone, NotAllowed without the right.
    """
    check_right(can_undo_settlements, actor)
    if not reason.strip():
        raise InvalidInput(_("Say why it is taken back."))
    settlement = lock_settlement(settlement_id)
    check_alive(settlement)
    lines = SettlementLine.objects.filter(settlement=settlement)
    orders = list(lines.filter(order__isnull=False).values_list("order", flat=True).distinct())
    settlement.differences.all().delete()
    count, _by_model = lines.delete()
    settlement.state, settlement.difference_count = SettlementState.UNDONE, 0
    settlement.total, settlement.line_count = 0, 0
    settlement.save(update_fields=["state", "difference_count", "total", "line_count"])
    queue_orders(order_ids=orders)
    told = SettlementUndone(reference=settlement.reference, lines=count, reason=reason.strip())
    record(told, subject=settlement, actor=actor)
    return settlement
