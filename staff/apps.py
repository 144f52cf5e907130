"""People who work here."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    """Users, their language and time zone, login."""

    name = "staff"
    verbose_name = _("Staff")
