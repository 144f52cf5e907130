"""Admin pages of purchasing."""

from purchasing.admin import (  # noqa: F401 registering
    drafting,
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
