"""Postcodes of Japan and Korea, and how addresses, phones and readings are written."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class AddressesConfig(AppConfig):
    """Postcodes, and how addresses, phones and readings are written."""

    name = "addresses"
    verbose_name = pgettext_lazy("app", "Addresses")
