"""Admin pages of inventory."""

from inventory.admin import grid, panels, stock, tiles  # noqa: F401 registering
