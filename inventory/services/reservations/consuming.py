"""What becomes of reserved pieces: released, or shipped."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from core.errors import Conflict
from inventory.models import Reservation, ShelfStock, StockPolicy
from inventory.services.ledger import lock_items, write
from inventory.services.pieces.serials import lots_of_serials, ship_serials
from inventory.services.pieces.shelving import LotWanted, draw_shelves
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
    """So many pieces of one reservation; without a quantity all that it still holds.

    For shipping: ``lot_id`` names the lot (otherwise the first to expire), ``lot_reason`` why another one is passed
    over, ``serials`` the numbers of the pieces.
    """

    reservation_id: int
    quantity: int | None = None
    lot_id: int | None = None
    serials: tuple[str, ...] = ()
    lot_reason: str = ""


@transaction.atomic
def release_stock(*, portions: Sequence[Portion], actor: User | None = None) -> int:
    """Give held pieces back to everybody and return how many; Conflict when more is asked than a reservation holds."""
    return _consume(_RELEASE, portions, actor).total()


@transaction.atomic
def ship_stock(*, portions: Sequence[Portion], actor: User | None = None) -> int:
    """Take held pieces out of the warehouse: on hand and reserved fall together; return how many.

    The pieces are drawn from their shelves. Conflict when more is asked than a reservation holds, serial numbers are
    missing or wrong, a named lot has too few pieces or is blocked, or only expired ones are left; InvalidInput when a
    named lot passes over one that ends earlier without a reason.
    """
    shipped = _consume(_SHIP, portions, actor)
    _follow(shipped, portions, actor)
    return shipped.total()


def _follow(shipped: Mapping[int, int], portions: Sequence[Portion], actor: User | None) -> None:
    """Let shelves and serial numbers follow; one question tells which reservations have either."""
    shelves = ShelfStock.objects.filter(stock_item=OuterRef("stock_item"), quantity__gt=0)
    policies = StockPolicy.objects.filter(variant=OuterRef("stock_item__variant"), tracks_serials=True)
    lots = {
        portion.reservation_id: LotWanted(portion.lot_id, portion.lot_reason)
        for portion in portions
        if portion.lot_id is not None
    }
    serials: dict[int, list[str]] = defaultdict(list)
    for portion in portions:
        if portion.serials:
            serials[portion.reservation_id] += portion.serials
    rows = Reservation.objects.filter(pk__in=shipped).order_by("pk").annotate(
        lies_somewhere=Exists(shelves), is_numbered=Exists(policies)
    )  # fmt: skip
    found = list(rows.values_list("pk", "stock_item", "lies_somewhere", "is_numbered"))
    draw_shelves(
        shipped={pk: shipped[pk] for pk, _item, lies_somewhere, _n in found if lies_somewhere or pk in lots},
        items={pk: item for pk, item, _lies, _n in found},
        lots=lots,
        numbered=lots_of_serials({pk: serials.get(pk, ()) for pk, _item, _lies, is_numbered in found if is_numbered}),
        actor=actor,
    )
    ship_serials(
        shipped={pk: shipped[pk] for pk, _item, _lies, is_numbered in found if is_numbered or pk in serials},
        serials=serials,
        actor=actor,
    )


def _consume(statement: str, portions: Sequence[Portion], actor: User | None) -> Counter[int]:
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
    return wanted
