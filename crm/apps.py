"""Who buys, how, and what follows from it."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class CrmConfig(AppConfig):
    """Purchase patterns, the customer's whole story, duplicates, segments and recommendations."""

    name = "crm"
    verbose_name = pgettext_lazy("app", "Customer relations")
