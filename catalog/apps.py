"""What we sell, where, for how much."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    """Products, variants, categories, prices, sales channels."""

    name = "catalog"
    verbose_name = _("Catalogue")
