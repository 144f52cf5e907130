"""Papers about money as they were issued, settlements of malls, and what an order line earned."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class AccountingConfig(AppConfig):
    """Invoices as issued, settlements of malls, profit per line."""

    name = "accounting"
    verbose_name = pgettext_lazy("app", "Accounting")
