"""A lot is stopped: what is free of it is held back in all warehouses, other lots of the product go on."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from inventory.models import HoldKind, ShelfStock, StockHold
from inventory.policies import can_hold_stock
from inventory.selectors.shelves import racks_of
from inventory.services.ledger import lock_items
from inventory.services.setting_aside import HoldWish, write_holds
from staff.models import User


@dataclass(frozen=True, slots=True)
class LotStopped:
    """How many pieces are held newly, and how many are promised to orders and stay so."""

    held: int
    reserved: int


@transaction.atomic
def stop_lot(*, lot_id: int, note: str, reference: str = "", actor: User | None) -> LotStopped:
    """Hold back (quarantine) what is free of a lot, wherever it lies, and return how many pieces.

    One hold for each stock item, which grows when the lot is stopped again after more has arrived; pieces that orders
    have reserved stay theirs. InvalidInput where nothing of the lot is free; NotAllowed without the right to hold.
    """
    if actor is not None and not can_hold_stock(actor):
        raise NotAllowed(_("You may not hold stock back or free it. Ask somebody of the warehouse."))
    ids = ShelfStock.objects.filter(lot=lot_id, quantity__gt=0).values("stock_item")
    items = {item.pk: item for item in lock_items(pk__in=ids)}
    racks = racks_of(stock_item_ids=items)
    wishes, reserved = [], 0
    for pk, item in items.items():
        free = sum(shelf.free for shelf in racks[pk].shelves if shelf.lot_id == lot_id and shelf.free > 0)
        pieces = max(0, min(free, item.available))
        reserved += free - pieces
        if pieces:
            wishes.append(
                HoldWish(
                    stock_item_id=pk, kind=HoldKind.QUARANTINE, quantity=pieces, lot_id=lot_id,
                    key=f"stopped:{lot_id}:{pk}", reference=reference[:80], note=note[:200],
                )
            )  # fmt: skip
    if not wishes:
        raise InvalidInput(
            _("Nothing of this lot is free: it is gone, held back already, or promised to orders. Look at the lot.")
        )
    before = dict(StockHold.objects.filter(key__in=[wish.key for wish in wishes]).values_list("key", "pk"))
    write_holds(wishes, actor, grows=before)
    return LotStopped(sum(wish.quantity for wish in wishes), reserved)
