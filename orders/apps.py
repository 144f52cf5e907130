"""From order to the customer's door."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    """Orders, payments, shipments, returns."""

    name = "orders"
    verbose_name = _("Orders")
