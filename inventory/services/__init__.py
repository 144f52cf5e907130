"""Every write to stock. One statement changes counters and writes the movements that explain them (``ledger``)."""

from inventory.services.alerting import set_alert_levels
from inventory.services.consuming import Portion, release_stock, ship_stock
from inventory.services.entries import EntryLine, post_entry, take_back_stock, write_off_stock
from inventory.services.picturing import check_pictured_stock
from inventory.services.reserving import Need, Shortage, StockAnswer, StockRequest, reserve_stock

__all__ = [
    "EntryLine",
    "Need",
    "Portion",
    "Shortage",
    "StockAnswer",
    "StockRequest",
    "check_pictured_stock",
    "post_entry",
    "release_stock",
    "reserve_stock",
    "set_alert_levels",
    "ship_stock",
    "take_back_stock",
    "write_off_stock",
]
