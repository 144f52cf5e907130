"""Admin pages of customers."""

from customers.admin import consents, customer, finding, privacy, requesting  # noqa: F401 registering
