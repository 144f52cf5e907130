"""Legal rules as dated data, with their source."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplianceConfig(AppConfig):
    """What the law asks of goods that are sold; knows no product."""

    name = "compliance"
    verbose_name = _("Compliance")
