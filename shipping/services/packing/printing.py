"""Packing slips are counted when they are printed."""

from collections.abc import Sequence

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from orders.services.batches import check_right
from shipping.models import PackingSlip
from shipping.policies import can_print
from staff.models import User

MOST_SLIPS = 2_000


@transaction.atomic
def print_slips(*, order_ids: Sequence[int], actor: User | None = None) -> list[int]:
    """Count a print of the packing slips of these orders, in one statement; returns the orders printed before.

    A slip that was printed before says that it is a reprint. InvalidInput for more than 2,000; NotAllowed without the
    right to print.
    """
    check_right(can_print, actor)
    if len(order_ids) > MOST_SLIPS:
        raise InvalidInput(_("At most %(most)s packing slips are printed at once.") % {"most": MOST_SLIPS})
    table = connection.ops.quote_name(PackingSlip._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS s (order_id, printed_count, last_printed_by_id)"  # noqa: S608 no value inside
            " SELECT pk, 1, %s FROM unnest(%s::bigint[]) AS pk"
            " ON CONFLICT (order_id) DO UPDATE SET printed_count = s.printed_count + 1, last_printed_at = now(),"
            " last_printed_by_id = excluded.last_printed_by_id"
            " RETURNING order_id, printed_count",
            [actor.pk if actor else None, sorted(set(order_ids))],
        )
        rows: list[tuple[int, int]] = cursor.fetchall()
    return sorted(pk for pk, count in rows if count > 1)
