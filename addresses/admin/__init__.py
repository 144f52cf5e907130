"""Admin pages of addresses."""

from addresses.admin import postcode, remote  # noqa: F401 registering
