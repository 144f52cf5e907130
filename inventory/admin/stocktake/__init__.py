"""Stocktakes: lists, the page of one, the phone at the shelf, reports."""

from inventory.admin.stocktake import figures, lines, panels, phone, planning, plans, sheet, stocktake  # noqa: F401 registering
