"""Admin pages of the catalogue."""

from catalog.admin import category, channel, finding, panels, pictures, price, product, tiles, variant  # noqa: F401 registering
