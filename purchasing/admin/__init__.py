"""Admin pages of purchasing."""

from purchasing.admin import (  # noqa: F401 registering
    demand_events,
    drafting,
    forecasts,
    health,
    invoices,
    judging,
    late_rates,
    order,
    panels,
    planning,
    receipts,
    receiving,
    reorder,
    return_pages,
    return_panels,
    returns,
    stock_values,
    supplier,
    tiles,
)
