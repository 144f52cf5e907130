"""Pieces that waited in a hold are judged: good ones are free, bad ones stay held for another reason."""

from django.db import transaction
from django.utils.translation import gettext as _

from core.copying import draw_ids
from core.errors import InvalidInput
from inventory.models import HoldKind, StockHold
from inventory.services.ledger import lock_items, write
from staff.models import User

# freed and held again in one statement: what failed is not for sale for a moment, and nobody is told that it was
_JUDGE = """
freed AS (
    UPDATE inventory_stockhold SET released = released + %(passed)s + %(failed)s WHERE id = %(hold)s
    RETURNING id, stock_item_id, lot_id, bin_id, reference
),
again AS (
    INSERT INTO inventory_stockhold
        (id, stock_item_id, kind, quantity, released, lot_id, bin_id, key, reference, note, created_by_id)
    SELECT %(new)s::bigint, stock_item_id, %(kind)s, %(failed)s, 0, lot_id, bin_id, '', reference, %(note)s,
           %(actor)s::bigint
    FROM freed WHERE %(failed)s > 0
),
change AS (
    SELECT 1 AS seq, stock_item_id, 'freed' AS kind, 0 AS on_hand_change, 0 AS reserved_change,
           -(%(passed)s + %(failed)s)::int AS held_change, NULL::bigint AS reservation_id, NULL::bigint AS entry_id,
           id AS hold_id
    FROM freed
    UNION ALL
    SELECT 2, stock_item_id, 'held', 0, 0, %(failed)s::int, NULL, NULL, %(new)s::bigint FROM freed WHERE %(failed)s > 0
)
"""


@transaction.atomic
def judge_held(
    *, hold_id: int, passed: int, failed: int, kind: str = HoldKind.DAMAGED, note: str = "", actor: User | None = None
) -> StockHold | None:
    """Free ``passed`` pieces of a hold, keep ``failed`` in a new hold of ``kind`` and return that one, None without.

    The document that the pieces came with decides who may. InvalidInput for no pieces, or more than the hold keeps.
    """
    lock_items(pk__in=StockHold.objects.filter(pk=hold_id).values("stock_item_id"))
    hold = StockHold.objects.get(pk=hold_id)
    if passed < 0 or failed < 0 or not 0 < passed + failed <= hold.held:
        raise InvalidInput(_("This hold keeps %(count)s pieces. Write at most so many.") % {"count": hold.held})
    [new] = draw_ids(StockHold, 1) if failed else [None]
    write(
        _JUDGE,
        {
            "hold": hold.pk,
            "passed": passed,
            "failed": failed,
            "kind": str(kind),
            "new": new,
            "note": note,
            "actor": actor.pk if actor else None,
        },
        actor=actor,
    )
    return StockHold.objects.get(pk=new) if new else None
