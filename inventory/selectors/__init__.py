"""Reads of inventory."""

from inventory.selectors.foreseeing import Foreseen, Outlook, available_on, on_the_way_to, promised_days
from inventory.selectors.lots import (
    LotToShip,
    lot_deliveries,
    lots_ending,
    lots_taken,
    lots_to_ship,
    numbered_variants,
    serials_shipped,
)
from inventory.selectors.moving import (
    late_transfers,
    lines_of_transfer,
    pieces_to_move,
    transfers_under_way,
)
from inventory.selectors.selling import NO_LIMIT, Sellable, sellable_of, serving_warehouses, sold_ahead, unreleased
from inventory.selectors.shelves import shop_day
from inventory.selectors.stock import (
    Availability,
    BundleStock,
    availability_of,
    buildable,
    bundle_stock,
    low_stock_items,
    open_reservations,
    stock_by_warehouse,
    stock_of_product,
    watched_items_of,
)
from inventory.selectors.story import StockDay, StockLine, last_agreeing, stock_days, stock_story

__all__ = [
    "NO_LIMIT",
    "Availability",
    "BundleStock",
    "Foreseen",
    "LotToShip",
    "Outlook",
    "Sellable",
    "StockDay",
    "StockLine",
    "availability_of",
    "available_on",
    "buildable",
    "bundle_stock",
    "last_agreeing",
    "late_transfers",
    "lines_of_transfer",
    "lot_deliveries",
    "lots_ending",
    "lots_taken",
    "lots_to_ship",
    "low_stock_items",
    "numbered_variants",
    "on_the_way_to",
    "open_reservations",
    "pieces_to_move",
    "promised_days",
    "sellable_of",
    "serials_shipped",
    "serving_warehouses",
    "shop_day",
    "sold_ahead",
    "stock_by_warehouse",
    "stock_days",
    "stock_of_product",
    "stock_story",
    "transfers_under_way",
    "unreleased",
    "watched_items_of",
]
