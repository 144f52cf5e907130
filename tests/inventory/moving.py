"""Makes transfers and bundles for tests of moving."""

from datetime import date
from typing import Any

from catalog.models import BundleComponent, Variant
from inventory.models import EntryKind, StockItem, Transfer, Warehouse
from inventory.services import EntryLine, Need, StockRequest, post_entry, reserve_stock
from inventory.services.entry_lines import LotGiven
from inventory.services.moving import TransferPieces, create_transfer
from tests.factories import make_variant, make_warehouse


def make_transfer(*lines: tuple[StockItem, int], destination: Warehouse | None = None, **over: Any) -> Transfer:
    """Write down a draft of (stock item, pieces) from the items' warehouse to another one."""
    source = lines[0][0].warehouse if lines else make_warehouse()
    wanted = [TransferPieces(variant_id=item.variant_id, quantity=quantity) for item, quantity in lines]
    return create_transfer(
        source_id=source.pk, destination_id=(destination or make_warehouse()).pk, lines=wanted, **over
    )


def make_bundle(*needs: tuple[Variant, int]) -> Variant:
    """Make a bundle of (component, pieces)."""
    bundle = make_variant()
    for component, quantity in needs:
        BundleComponent.objects.create(bundle=bundle, component=component, quantity=quantity)
    return bundle


def receive_lots(item: StockItem, **lots: int) -> None:
    """Receive pieces of lots (number=pieces), each expiring a month after the one before."""
    lines = [
        EntryLine(
            variant_id=item.variant_id,
            warehouse_id=item.warehouse_id,
            quantity=pieces,
            lot=LotGiven(number=number, expires_on=date(2099, month, 1)),
        )
        for month, (number, pieces) in enumerate(lots.items(), start=1)
    ]
    post_entry(kind=EntryKind.RECEIPT, lines=lines)


def reserve(item: StockItem, pieces: int) -> None:
    """Reserve pieces of the item for an order."""
    need = Need(key=f"line:{item.pk}:{pieces}", variant_id=item.variant_id, quantity=pieces)
    [answer] = reserve_stock(requests=[StockRequest(reference="O-1", needs=[need])])
    assert answer.is_served


def numbers(item: StockItem) -> tuple[int, int, int]:
    """Return on hand, reserved and held as they are now."""
    return StockItem.objects.values_list("on_hand", "reserved", "held").get(pk=item.pk)


def stock_at(variant: Variant, warehouse: Warehouse) -> tuple[int, int, int]:
    """Return on hand, reserved and held of a variant in a warehouse, zeros where it was never stocked."""
    found = StockItem.objects.filter(variant=variant, warehouse=warehouse)
    return found.values_list("on_hand", "reserved", "held").first() or (0, 0, 0)
