"""Admin pages of inventory."""

from inventory.admin import (  # noqa: F401 registering
    grid,
    holding,
    incidents,
    kits,
    labels,
    lots,
    panels,
    places,
    putting_away,
    serials,
    stock,
    stocktake,
    tiles,
    transfer_pages,
    transfers,
    why,
)
