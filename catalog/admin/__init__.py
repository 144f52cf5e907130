"""Admin pages of the catalogue."""

from catalog.admin import finding, panels, product  # noqa: F401 registering
