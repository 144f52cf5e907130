"""Stock that refills itself."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PurchasingConfig(AppConfig):
    """Suppliers, purchase orders, receipts, what stock cost, forecasts and proposals."""

    name = "purchasing"
    verbose_name = _("Purchasing")
