"""Composition root: it puts the apps together; nobody imports it."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class BackofficeConfig(AppConfig):
    """Settings, site, navigation, commands."""

    default = True

    name = "backoffice"
    verbose_name = _("Back office")

    def ready(self) -> None:
        """Load core.ui before Unfold: Unfold draws a checkbox while it is imported, which loads our template tags."""
        import_module("core.ui")


class BackofficeAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our site."""

    default = False

    default_site = "backoffice.site.BackofficeSite"
