"""A plan is undone before the parcel leaves."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from orders.models import ParcelPiece, ParcelState
from orders.policies import can_plan_parcels
from orders.services.batches import check_right, lock_orders
from orders.services.parcels.leaving import PLANNED, drop
from staff.models import User


@transaction.atomic
def undo_parcels(
    *, parcel_ids: Sequence[int], order_ids: Sequence[int] | None = None, actor: User | None = None
) -> int:
    """Undo planned parcels, or take only ``order_ids`` out of them; return how many orders are free again.

    DomainError when nothing of that is planned any more: it left, or somebody was faster. NotAllowed without the right.
    """
    check_right(can_plan_parcels, actor)
    planned = ParcelPiece.objects.filter(PLANNED, parcel__in=parcel_ids)
    lock_orders(sorted(set(planned.values_list("line__order_id", flat=True))))
    pieces = ParcelPiece.objects.filter(parcel__state=ParcelState.PLANNED, parcel__in=parcel_ids)
    if order_ids is not None:
        pieces = pieces.filter(line__order__in=order_ids)
    rows = list(pieces.values_list("pk", "parcel_id", "line__order_id"))
    if not rows:
        raise DomainError(_("The parcel left already, or somebody undid it."))
    return len(drop(rows, "undone", actor))
