"""Admin pages of the catalogue."""

from catalog.admin import finding, product  # noqa: F401 registering
