"""Admin pages of orders."""

from orders.admin import documents, import_screen, legal, order, oversell, panels, recall, tiles  # noqa: F401 registering
