"""What customers wanted, day by day: from orders, and when they could not have it: from the ledger of stock."""

from purchasing.services.demand.ordered import rebuild_all_demand, rebuild_demand, refresh_demand
from purchasing.services.demand.stockouts import rebuild_all_stockouts, rebuild_stockouts, refresh_stockouts

__all__ = [
    "rebuild_all_demand",
    "rebuild_all_stockouts",
    "rebuild_demand",
    "rebuild_stockouts",
    "refresh_demand",
    "refresh_stockouts",
]
