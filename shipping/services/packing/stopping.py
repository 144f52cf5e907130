"""A packing is given up: what was scanned counts for nothing."""

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from orders.models import HoldReason
from orders.services import hold_orders
from orders.services.batches import check_right, lock_order
from shipping.models import Packing, PackingState
from shipping.policies import can_pack
from shipping.services.waves.leaving import stop_packings
from staff.models import User


@transaction.atomic
def stop_packing(*, packing_id: int, actor: User | None = None) -> Packing:
    """Put the pieces back and return the packing, stopped; one that has ended stays as it is.

    Whoever packs may stop it, also a colleague's, who has gone. NotAllowed without the right to pack.
    """
    check_right(can_pack, actor)
    packing = Packing.objects.select_related("order").get(pk=packing_id)
    lock_order(packing.order_id)
    stop_packings(order_ids=[packing.order_id] if packing.state == PackingState.OPEN else [])
    packing.refresh_from_db()
    return packing


@transaction.atomic
def set_aside(*, packing_id: int, note: str, actor: User | None = None) -> Packing:
    """Stop a packing because something is missing or damaged: the order is held with the packer's words.

    It leaves its wave as every held order does. InvalidInput without words or when the packing has ended; NotAllowed
    without the rights to pack and to hold.
    """
    check_right(can_pack, actor)
    if not note.strip():
        raise InvalidInput(_("Say what is missing or damaged."))
    packing = Packing.objects.get(pk=packing_id)
    lock_order(packing.order_id)
    packing.refresh_from_db()
    if packing.state != PackingState.OPEN:
        raise InvalidInput(_("This order is not being packed any more."))
    report = hold_orders(
        order_ids=[packing.order_id], reason=HoldReason.GOODS, note=note, takes_stock=True, actor=actor
    )
    if report.refused:
        raise InvalidInput(report.refused[0].reason)
    stop_packings(order_ids=[packing.order_id])
    packing.refresh_from_db()
    return packing
