"""Admin pages of purchasing."""

from purchasing.admin import (  # noqa: F401 registering
    demand_events,
    drafting,
    forecasts,
    health,
    invoices,
    judging,
    order,
    panels,
    receipts,
    receiving,
    reorder,
    stock_values,
    supplier,
    tiles,
)
