"""Admin pages of orders."""

from orders.admin import (  # noqa: F401 registering
    documents,
    handling,
    hold_rule,
    import_screen,
    legal,
    order,
    oversell,
    packing,
    panels,
    recall,
    tiles,
)
