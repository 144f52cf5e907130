"""Admin pages of purchasing."""

from purchasing.admin import health, reorder  # noqa: F401 registering
