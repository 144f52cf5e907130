"""From a question to its answer."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class ServiceConfig(AppConfig):
    """Inlets, tickets, messages and internal notes, and what is owed to be sent."""

    name = "service"
    verbose_name = pgettext_lazy("app", "Customer service")
