"""What we have, where, and why."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    """Warehouses, stock items, append-only movements, reservations."""

    name = "inventory"
    verbose_name = _("Inventory")
