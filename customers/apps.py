"""People who buy."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    """Customers and the identities by which they are recognised."""

    name = "customers"
    verbose_name = _("Customers")
