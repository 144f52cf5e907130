"""Admin pages of orders."""

from orders.admin import documents, import_screen, order, oversell, panels, recall, tiles  # noqa: F401 registering
