"""Admin pages of the catalogue."""

from catalog.admin import finding, panels, product, tiles  # noqa: F401 registering
