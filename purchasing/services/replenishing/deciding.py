"""What people make of proposals: order them, leave them for later, say no."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from purchasing.models import ProposalState, PurchaseOrder, PurchaseOrderLine, ReorderProposal
from purchasing.policies import can_write_purchase_orders
from purchasing.services.ordering.approving import submit_purchase_order
from purchasing.services.ordering.drafting import create_purchase_order
from purchasing.services.ordering.orders import OrderLine
from staff.models import User

OPEN = (ProposalState.OPEN, ProposalState.SNOOZED)


@transaction.atomic
def order_proposals(
    *,
    proposal_ids: Sequence[int],
    quantities: Mapping[int, int] | None = None,
    is_automatic: bool = False,
    actor: User | None = None,
) -> list[PurchaseOrder]:
    """Draft one purchase order for each supplier and warehouse of these proposals and return them.

    ``quantities`` (proposal id -> pieces) are those that a person changed. Of two who order the same proposals at once
    the second is told (InvalidTransition) and orders nothing. InvalidInput for a proposal without a supplier;
    NotAllowed without the right to order.
    """
    rows = _locked(proposal_ids, actor)
    if nameless := [row.variant.sku for row in rows if row.item is None]:
        told = _("Nobody sells these to us yet; add them to a supplier's items: %(skus)s")
        raise InvalidInput(told % {"skus": ", ".join(nameless)})
    groups: dict[tuple[int, int], list[ReorderProposal]] = defaultdict(list)
    for row in rows:
        if row.item is not None:
            groups[row.item.supplier_id, row.warehouse_id].append(row)
    wanted = quantities or {}
    orders = []
    for (supplier_id, warehouse_id), group in sorted(groups.items()):
        lines = [OrderLine(variant_id=row.variant_id, quantity=wanted.get(row.pk, row.quantity)) for row in group]
        order = create_purchase_order(
            supplier_id=supplier_id, warehouse_id=warehouse_id, lines=lines, is_automatic=is_automatic, actor=actor
        )
        of_variant = dict(PurchaseOrderLine.objects.filter(order=order).values_list("variant_id", "pk"))
        for row in group:
            row.order_line_id = of_variant[row.variant_id]
        _close(group, ProposalState.ORDERED, actor)
        orders.append(order)
    return orders


@transaction.atomic
def order_and_submit_proposals(
    *, proposal_ids: Sequence[int], quantities: Mapping[int, int] | None = None, actor: User | None = None
) -> list[PurchaseOrder]:
    """Draft purchase orders as ``order_proposals`` does and hand each in; return them, approved or to approve.

    Refused as these two are, and then nothing is ordered: not without the price of every line.
    """
    orders = order_proposals(proposal_ids=proposal_ids, quantities=quantities, actor=actor)
    return [submit_purchase_order(order_id=order.pk, actor=actor) for order in orders]


@transaction.atomic
def snooze_proposals(*, proposal_ids: Sequence[int], until: date, actor: User | None = None) -> int:
    """Leave proposals for a later day and return how many; they come back by themselves. InvalidInput for today."""
    rows = _locked(proposal_ids, actor)
    if until <= timezone.localdate():
        raise InvalidInput(_("Choose a day after today."))
    for row in rows:
        row.state, row.snoozed_until, row.decided_by = ProposalState.SNOOZED, until, actor
    ReorderProposal.objects.bulk_update(rows, ["state", "snoozed_until", "decided_by"])
    return len(rows)


@transaction.atomic
def dismiss_proposals(*, proposal_ids: Sequence[int], reason: str, actor: User | None = None) -> int:
    """Say no, and why; return how many. They are proposed again only when their stock has changed."""
    rows = _locked(proposal_ids, actor)
    if not reason.strip():
        raise InvalidInput(_("Say why it is not ordered."))
    for row in rows:
        row.note = reason.strip()[:200]
    _close(rows, ProposalState.DISMISSED, actor)
    return len(rows)


def _locked(proposal_ids: Sequence[int], actor: User | None) -> list[ReorderProposal]:
    """Return the proposals, locked; refuse the lot when one of them was decided meanwhile."""
    if actor is not None and not can_write_purchase_orders(actor):
        raise NotAllowed(_("You may not order from suppliers. Ask somebody of purchasing."))
    wanted = set(proposal_ids)
    rows = list(
        ReorderProposal.objects.select_for_update(of=("self",))
        .filter(pk__in=wanted)
        .select_related("variant", "item")
        .order_by("pk")
    )
    decided = [row.variant.sku for row in rows if row.state not in OPEN]
    if decided or len(rows) < len(wanted) or not rows:
        told = _("Somebody was faster, or they are no longer needed: %(skus)s. Reload the page.")
        raise InvalidTransition(told % {"skus": ", ".join(decided) or "–"})
    return rows


def _close(rows: Sequence[ReorderProposal], state: ProposalState, actor: User | None) -> None:
    now = timezone.now()
    for row in rows:
        row.state, row.closed_at, row.decided_by = state, now, actor
    ReorderProposal.objects.bulk_update(rows, ["state", "closed_at", "decided_by", "note", "order_line"])
