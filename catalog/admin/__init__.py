"""Admin pages of the catalogue."""

from catalog.admin import category, channel, finding, generator, panels, pictures, price, product, tiles, variant  # noqa: F401 registering
