"""Stock that moves: transfers between the warehouses, and gift sets packed before somebody orders them."""

from datetime import timedelta

from django.db.models import F

from catalog.models import BundleComponent
from inventory.models import AVAILABLE, StockItem, Transfer, Warehouse
from inventory.selectors import bundle_stock
from inventory.selectors.shelves import shop_day
from inventory.services.moving import (
    ArrivedPieces,
    TransferPieces,
    assemble_kits,
    create_transfer,
    receive_transfer,
    send_transfer,
)
from staff.models import User

LINES = 4
KITS = 3
PIECES = (6, 4, 10, 3)


def move_stock(*, actor: User) -> None:
    """Send one transfer, receive another in part, leave a draft; pack kits of the bundle that allows most."""
    places = list(Warehouse.objects.filter(is_active=True).order_by("rank", "pk"))
    if len(places) > 1:
        _transfers(places[0], places[1], actor)
    _pack(actor)


def _transfers(source: Warehouse, destination: Warehouse, actor: User) -> None:
    today = shop_day()
    plans = [
        (today + timedelta(days=3), "Refill for the weekend"),
        (today - timedelta(days=1), "Two pallets"),
        (None, ""),
    ]
    made = []
    for number, (expected_on, note) in enumerate(plans):
        lines = _spare(source, skip=number * LINES)
        if len(lines) < LINES:
            return
        made.append(
            create_transfer(
                source_id=source.pk,
                destination_id=destination.pk,
                lines=lines,
                expected_on=expected_on,
                note=note,
                actor=actor,
            )
        )
    for transfer in made[:2]:
        send_transfer(transfer_id=transfer.pk, actor=actor)
    _receive_some(made[1], actor)


def _spare(source: Warehouse, *, skip: int) -> list[TransferPieces]:
    """Return pieces of what the warehouse has most of."""
    free = StockItem.objects.filter(warehouse=source).annotate(free=AVAILABLE).filter(free__gte=4 * max(PIECES))
    found = free.order_by(F("free").desc(), "pk")[skip : skip + LINES]
    return [
        TransferPieces(variant_id=item.variant_id, quantity=pieces) for item, pieces in zip(found, PIECES, strict=False)
    ]


def _receive_some(transfer: Transfer, actor: User) -> None:
    """One line arrived whole, one with a damaged piece missing others."""
    first, second = transfer.lines.order_by("pk")[:2]
    arrived = [
        ArrivedPieces(line_id=first.pk, quantity=first.sent),
        ArrivedPieces(line_id=second.pk, quantity=2, damaged=1),
    ]
    receive_transfer(transfer_id=transfer.pk, pieces=arrived, actor=actor)


def _pack(actor: User) -> None:
    """Pack the first bundle of which a warehouse can make twice as many; none where the shop is too small."""
    for bundle_id in BundleComponent.objects.order_by("bundle").values_list("bundle", flat=True).distinct():
        for row in bundle_stock(variant_id=bundle_id):
            if row.count >= 2 * KITS:
                assemble_kits(bundle_id=bundle_id, warehouse_id=row.warehouse.pk, quantity=KITS, actor=actor)
                return
