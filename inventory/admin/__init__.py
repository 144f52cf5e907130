"""Admin pages of inventory."""

from inventory.admin import panels, stock, tiles  # noqa: F401 registering
