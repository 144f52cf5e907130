"""The tree changes, the history does not: what is merged away stays and points to what counts for it now."""

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from core.events import record
from service.events import ReasonMerged, ReasonUnmerged
from service.models import ReasonNode
from service.policies import can_direct_tickets
from service.services.reasons.seeding import NOT_RECORDED
from staff.models import User


@transaction.atomic
def merge_reason(*, reason_id: int, into_id: int, actor: User | None) -> ReasonNode:
    """Let figures count a reason as another one from now on, and return it. Tickets keep what was chosen.

    What was merged into it before follows, so that every pointer is one step. InvalidInput for a reason with others
    below it, for itself, and for one that is merged away or not in use; NotAllowed without the right to direct.
    """
    _check_right(actor)
    rows = {row.pk: row for row in ReasonNode.objects.select_for_update().order_by("pk")}
    node, into = rows.get(reason_id), rows.get(into_id)
    if node is None or into is None or node.pk == into.pk or into.merged_into_id or not into.is_active:
        raise InvalidInput(_("Choose another reason that is in use."))
    if node.code == NOT_RECORDED:
        raise InvalidInput(_("This reason stands for what nobody recorded; it stays."))
    if any(row.parent_id == node.pk and row.merged_into_id is None for row in rows.values()):
        raise InvalidInput(_("Move or merge first what lies below this reason."))
    for row in rows.values():
        if node.pk in {row.pk, row.merged_into_id}:
            row.merged_into = into
            row.save(update_fields=["merged_into", "updated_at"])
    record(ReasonMerged(reason_id=node.pk, into_id=into.pk), subject=node, actor=actor)
    return rows[reason_id]


@transaction.atomic
def unmerge_reason(*, reason_id: int, actor: User | None) -> ReasonNode:
    """Let a merged reason count for itself again and return it; one that stands for itself changes nothing.

    InvalidInput when its return reason counts elsewhere by now; NotAllowed without the right to direct.
    """
    _check_right(actor)
    node = ReasonNode.objects.select_for_update().get(pk=reason_id)
    if node.merged_into_id is None:
        return node
    others = ReasonNode.objects.filter(return_reason=node.return_reason_id, merged_into=None)
    if node.return_reason_id and others.exists():
        raise InvalidInput(_("Its return reason counts at another reason by now. Take it off there first."))
    node.merged_into = None
    node.save(update_fields=["merged_into", "updated_at"])
    record(ReasonUnmerged(reason_id=node.pk), subject=node, actor=actor)
    return node


def _check_right(actor: User | None) -> None:
    if not can_direct_tickets(actor):
        raise NotAllowed(_("You may not change the reasons. Ask who leads customer service."))
