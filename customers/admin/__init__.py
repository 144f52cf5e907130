"""Admin pages of customers."""

from customers.admin import customer, finding  # noqa: F401 registering
