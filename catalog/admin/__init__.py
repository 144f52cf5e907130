"""Admin pages of the catalogue."""

from catalog.admin import finding, panels, pictures, product, tiles  # noqa: F401 registering
