"""Admin pages of orders."""

from orders.admin import documents, import_screen, order, oversell, panels, tiles  # noqa: F401 registering
