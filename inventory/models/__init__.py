"""Tables of stock."""

from inventory.models.holding import HoldKind, StockHold
from inventory.models.incident import AlertKind, StockAlert, StockIncident
from inventory.models.lot import Lot, SerialNumber, SerialState, ShelfMovement, ShelfStock
from inventory.models.policy import IncomingSold, StockPolicy, WhenOut
from inventory.models.stock import (
    AVAILABLE,
    AdjustReason,
    EntryKind,
    MovementKind,
    Reservation,
    StockEntry,
    StockItem,
    StockMovement,
)
from inventory.models.stocktake import (
    OPEN_STOCKTAKES,
    STOCKTAKE_TRANSITIONS,
    CountPlan,
    CountReason,
    LineState,
    Stocktake,
    StocktakeCount,
    StocktakeLine,
    StocktakeScope,
    StocktakeState,
)
from inventory.models.transfer import (
    TRANSFER_TRANSITIONS,
    UNDER_WAY,
    Assembly,
    AssemblyKind,
    Transfer,
    TransferLine,
    TransferSerial,
    TransferState,
    TravelState,
)
from inventory.models.warehouse import Bin, ChannelWarehouse, Warehouse

__all__ = [
    "AVAILABLE", "OPEN_STOCKTAKES", "STOCKTAKE_TRANSITIONS", "TRANSFER_TRANSITIONS", "UNDER_WAY", "AdjustReason",
    "AlertKind", "Assembly", "AssemblyKind", "Bin", "ChannelWarehouse", "CountPlan", "CountReason", "EntryKind",
    "HoldKind", "IncomingSold", "LineState", "Lot", "MovementKind", "Reservation", "SerialNumber", "SerialState",
    "ShelfMovement", "ShelfStock", "StockAlert", "StockEntry", "StockHold", "StockIncident", "StockItem",
    "StockMovement", "StockPolicy", "Stocktake", "StocktakeCount", "StocktakeLine", "StocktakeScope",
    "StocktakeState", "Transfer", "TransferLine", "TransferSerial", "TransferState",
    "TravelState", "Warehouse", "WhenOut",
]  # fmt: skip
