"""Pieces are put away and moved between bins; how many there are does not change."""

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from inventory.models import Bin, ShelfStock, StockHold, StockItem
from inventory.policies import can_adjust_stock
from inventory.selectors.shelves import racks_of
from inventory.services.ledger import lock_items
from inventory.services.pieces.lots import lot_of
from inventory.services.pieces.shelving import ShelfRow, apply_shelves, shelves_for
from staff.models import User


@transaction.atomic
def move_between_bins(*, shelf_id: int, bin_id: int, quantity: int, actor: User | None = None) -> ShelfStock:
    """Move pieces of a shelf to another bin of the warehouse and return the shelf they lie on now.

    Held pieces move too; a hold that named the old bin then names the new one, or only its lot when it is split.
    InvalidInput for more than lies there or a bin elsewhere; NotAllowed without the right to adjust stock.
    """
    _check_right(actor)
    source = ShelfStock.objects.select_related("stock_item").get(pk=shelf_id)
    [item] = lock_items(pk=source.stock_item_id)
    source.refresh_from_db()
    _check_bin(item, bin_id)
    if source.bin_id == bin_id:
        raise InvalidInput(_("They lie in this bin already. Choose another one."))
    if not 0 < quantity <= source.quantity:
        raise InvalidInput(_("Only %(count)s pieces lie there.") % {"count": source.quantity})
    place = (item.pk, source.lot_id, bin_id)
    target_id = shelves_for([place])[place]
    apply_shelves([ShelfRow(source.pk, -quantity), ShelfRow(target_id, quantity)], actor)
    if source.bin_id is not None:
        _follow_holds(source, bin_id, quantity)
    return ShelfStock.objects.get(pk=target_id)


@transaction.atomic
def put_away(
    *, stock_item_id: int, quantity: int, bin_id: int | None = None, lot_id: int | None = None,
    actor: User | None = None,
) -> ShelfStock:  # fmt: skip
    """Say where unplaced pieces lie (bin), of which lot they are, or both; return their shelf.

    InvalidInput for more pieces than are unplaced, for neither bin nor lot, for those of elsewhere; NotAllowed without
    the right to adjust stock.
    """
    _check_right(actor)
    [item] = lock_items(pk=stock_item_id)
    if bin_id is None and lot_id is None:
        raise InvalidInput(_("Choose a bin or a lot."))
    if bin_id is not None:
        _check_bin(item, bin_id)
    if lot_id is not None:
        lot_of(item.variant_id, lot_id)
    unplaced = racks_of(stock_item_ids=[item.pk])[item.pk].unplaced
    if not 0 < quantity <= unplaced:
        raise InvalidInput(_("Only %(count)s pieces are unplaced.") % {"count": unplaced})
    place = (item.pk, lot_id, bin_id)
    shelf_id = shelves_for([place])[place]
    apply_shelves([ShelfRow(shelf_id, quantity)], actor)
    return ShelfStock.objects.get(pk=shelf_id)


def _check_right(actor: User | None) -> None:
    if actor is not None and not can_adjust_stock(actor):
        raise NotAllowed(_("You may not change stock. Ask somebody of the warehouse."))


def _check_bin(item: StockItem, bin_id: int) -> None:
    found = Bin.objects.filter(pk=bin_id, warehouse_id=item.warehouse_id).first()
    if found is None:
        raise InvalidInput(_("This bin stands in another warehouse. Choose one of this warehouse."))
    if not found.is_active:
        raise InvalidInput(_("Bin %(bin)s is not in use any more. Choose another one.") % {"bin": found.code})


def _follow_holds(source: ShelfStock, bin_id: int, moved: int) -> None:
    """Let holds that name the bin left follow their pieces."""
    rest = source.quantity - moved
    of_lot = Q(lot=source.lot_id) if source.lot_id else Q(lot=None)
    holds = StockHold.objects.filter(
        of_lot, stock_item=source.stock_item_id, bin=source.bin_id, quantity__gt=F("released")
    )
    for hold in holds.order_by("pk"):
        if hold.held <= rest:
            rest -= hold.held
        else:
            hold.bin_id = bin_id if hold.held <= moved else None
            moved -= min(moved, hold.held)
            hold.save(update_fields=["bin"])
