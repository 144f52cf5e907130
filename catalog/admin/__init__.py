"""Admin pages of the catalogue; importing registers them."""

from catalog.admin import (  # noqa: F401
    category,
    channel,
    collection,
    finding,
    generator,
    grid,
    information,
    listing,
    panels,
    pictures,
    price,
    product,
    review,
    sellable,
    texts,
    tiles,
    variant,
)
