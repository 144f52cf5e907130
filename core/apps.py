"""The shared kernel: it knows no business."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """Loads every app's events, handlers, jobs, checks, panels and import targets."""

    name = "core"
    verbose_name = _("System")

    def ready(self) -> None:
        autodiscover_modules("events", "handlers", "tasks", "checks", "importing", "collecting", "sellable", "outlook")
        autodiscover_modules("personal")
