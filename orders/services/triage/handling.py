"""How a channel's orders go on by themselves."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.events import record
from orders.events import ChannelHandlingSaved
from orders.models import ChannelHandling
from orders.policies import can_change_handling
from orders.services.batches import check_right
from orders.services.triage.sorting import triage_open_orders
from staff.models import User

LONGEST_WAY = 30


@transaction.atomic
def save_handling(
    *, sales_channel_id: int, confirms_itself: bool, transit_days: int, actor: User | None = None
) -> ChannelHandling:
    """Say whether a channel's orders are confirmed by themselves and how long parcels are on the way; return the row.

    Open orders with a wished delivery date get their day anew. InvalidInput for more than 30 days on the way.
    """
    check_right(can_change_handling, actor)
    if not 0 <= transit_days <= LONGEST_WAY:
        raise InvalidInput(_("Parcels are on the way for at most %(days)s days.") % {"days": LONGEST_WAY})
    row, _made = ChannelHandling.objects.select_for_update().get_or_create(sales_channel_id=sales_channel_id)
    is_moved = row.transit_days != transit_days
    row.confirms_itself, row.transit_days = confirms_itself, transit_days
    row.save(update_fields=["confirms_itself", "transit_days"])
    fact = ChannelHandlingSaved(
        sales_channel_id=sales_channel_id, confirms_itself=confirms_itself, transit_days=transit_days
    )
    record(fact, subject=row, actor=actor)
    if is_moved:
        triage_open_orders(condition=Q(sales_channel=sales_channel_id, delivery_on__isnull=False))
    return row
