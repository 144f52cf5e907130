"""Reads of inventory."""

from inventory.selectors.moving import (
    in_transit_to,
    late_transfers,
    lines_of_transfer,
    pieces_to_move,
    transfers_under_way,
)
from inventory.selectors.stock import (
    Availability,
    BundleStock,
    StockLine,
    active_warehouses,
    availability_of,
    buildable,
    bundle_stock,
    low_stock_items,
    open_reservations,
    stock_by_warehouse,
    stock_of_product,
    stock_story,
)

__all__ = [
    "Availability",
    "BundleStock",
    "StockLine",
    "active_warehouses",
    "availability_of",
    "buildable",
    "bundle_stock",
    "in_transit_to",
    "late_transfers",
    "lines_of_transfer",
    "low_stock_items",
    "open_reservations",
    "pieces_to_move",
    "stock_by_warehouse",
    "stock_of_product",
    "stock_story",
    "transfers_under_way",
]
