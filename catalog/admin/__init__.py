"""Admin pages of the catalogue; importing registers them."""

from catalog.admin import (  # noqa: F401
    category,
    channel,
    collection,
    finding,
    generator,
    grid,
    information,
    panels,
    pictures,
    price,
    product,
    texts,
    tiles,
    variant,
)
