"""Orders whose profit has to be worked out anew are queued, each once."""

from collections.abc import Collection, Sequence
from datetime import date

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounting.models import ProfitDue
from accounting.policies import can_compute_profits
from core.errors import InvalidInput
from core.schedule import wake
from orders.services.batches import check_right
from staff.models import User

TASK = "accounting.compute_profits"
# by days of the shop's zone, in which orders are counted
_OF_CHANNELS = """
    WITH chosen AS (
        SELECT id FROM orders_order
        WHERE sales_channel_id = ANY(%s) AND placed_at >= %s::date::timestamp AT TIME ZONE %s
          AND (%s::date IS NULL OR placed_at < (%s::date + 1)::timestamp AT TIME ZONE %s)
    ), queued AS (
        INSERT INTO accounting_profitdue (order_id) SELECT id FROM chosen ON CONFLICT DO NOTHING
    )
    SELECT count(*) FROM chosen
"""


def queue_orders(*, order_ids: Collection[int]) -> None:
    """Have the profits of these orders worked out anew, soon."""
    if not order_ids:
        return
    due = [ProfitDue(order_id=pk) for pk in sorted(set(order_ids))]
    ProfitDue.objects.bulk_create(due, ignore_conflicts=True, batch_size=5000)
    transaction.on_commit(lambda: wake(TASK), robust=True)


@transaction.atomic
def queue_channels(
    *, channel_ids: Sequence[int], since: date, until: date | None = None, actor: User | None = None
) -> int:
    """Have the profits of what was ordered on channels from a day on worked out anew; return how many orders wait.

    InvalidInput for days in the wrong order, NotAllowed without the right.
    """
    check_right(can_compute_profits, actor)
    if until is not None and until < since:
        raise InvalidInput(_("The last day is before the first."))
    zone = settings.TIME_ZONE
    with connection.cursor() as cursor:
        cursor.execute(_OF_CHANNELS, [list(channel_ids), since, zone, until, until, zone])
        count = int(cursor.fetchone()[0])
    transaction.on_commit(lambda: wake(TASK), robust=True)
    return count
