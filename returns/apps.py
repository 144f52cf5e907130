"""Goods that come back, are exchanged or claimed: rules, requests, inspections, outcomes."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class ReturnsConfig(AppConfig):
    """Return rules, requests, inspections, exchanges, claims."""

    name = "returns"
    verbose_name = pgettext_lazy("app", "Returns")
