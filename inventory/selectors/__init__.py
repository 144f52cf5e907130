"""Reads of inventory."""

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
    "low_stock_items",
    "open_reservations",
    "stock_by_warehouse",
    "stock_of_product",
    "stock_story",
]
