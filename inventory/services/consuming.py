"""What becomes of reserved pieces: released, or shipped."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict
from inventory.models import Reservation
from inventory.services.ledger import lock_items, write
from staff.models import User

_HOLD = """
wanted AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(quantities)s::int[]) WITH ORDINALITY AS t(id, quantity, seq)
),
reservation AS (
    UPDATE inventory_reservation AS r SET {column} = r.{column} + wanted.quantity
    FROM wanted WHERE r.id = wanted.id
    RETURNING r.id, r.stock_item_id, wanted.quantity, wanted.seq
),
change AS (
    SELECT seq, stock_item_id, '{column}' AS kind, {on_hand} AS on_hand_change, -quantity AS reserved_change,
           0 AS held_change, id AS reservation_id, NULL::bigint AS entry_id, NULL::bigint AS hold_id
    FROM reservation
)
"""
_RELEASE = _HOLD.format(column="released", on_hand="0")
_SHIP = _HOLD.format(column="shipped", on_hand="-quantity")


@dataclass(frozen=True, slots=True)
class Portion:
    """So many pieces of one reservation; without a quantity all that it still holds."""

    reservation_id: int
    quantity: int | None = None


@transaction.atomic
def release_stock(*, portions: Sequence[Portion], actor: User | None = None) -> int:
    """Give held pieces back to everybody and return how many; Conflict when more is asked than a reservation holds."""
    return _consume(_RELEASE, portions, actor)


@transaction.atomic
def ship_stock(*, portions: Sequence[Portion], actor: User | None = None) -> int:
    """Take held pieces out of the warehouse: on hand and reserved fall together; return how many.

    Conflict when more is asked than a reservation holds.
    """
    return _consume(_SHIP, portions, actor)


def _consume(statement: str, portions: Sequence[Portion], actor: User | None) -> int:
    ids = {portion.reservation_id for portion in portions}
    lock_items(pk__in=Reservation.objects.filter(pk__in=ids).values("stock_item_id"))
    # read after the lock: a reservation changes only under the lock of its stock item
    held = {reservation.pk: reservation.held for reservation in Reservation.objects.filter(pk__in=ids)}
    wanted: Counter[int] = Counter()
    for portion in portions:
        in_full = held.get(portion.reservation_id, 0)
        wanted[portion.reservation_id] += in_full if portion.quantity is None else portion.quantity
    if any(quantity < 0 or quantity > held.get(pk, 0) for pk, quantity in wanted.items()):
        raise Conflict(_("These pieces are no longer reserved. Reload the page and try again."))
    wanted = +wanted  # a reservation that holds nothing any more has nothing to give
    if wanted:
        write(statement, {"ids": list(wanted), "quantities": list(wanted.values())}, actor=actor)
    return wanted.total()
