"""Admin pages of inventory."""

from inventory.admin import grid, holding, lots, panels, places, stock, tiles  # noqa: F401 registering
