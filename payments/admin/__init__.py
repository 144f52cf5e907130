"""Admin pages of payments."""

from payments.admin import deposit, owing, panels, provider, refund, tiles  # noqa: F401 registering
