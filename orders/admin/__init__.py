"""Admin pages of orders."""

from orders.admin import (  # noqa: F401 registering
    addressing,
    changing,
    deadlines,
    dividing,
    documents,
    gift,
    handling,
    history,
    hold_rule,
    import_screen,
    legal,
    order,
    oversell,
    packing,
    panels,
    parcels,
    privacy,
    recall,
    tiles,
    writing,
)
