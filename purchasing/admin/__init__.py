"""Admin pages of purchasing."""

from purchasing.admin import drafting, health, order, panels, reorder, supplier, tiles  # noqa: F401 registering
