"""Personal data of subjects that the apps above register."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class PrivacyConfig(AppConfig):
    """The access log, consents, requests of the persons concerned, retention rules, locked columns."""

    name = "privacy"
    verbose_name = pgettext_lazy("app", "Personal data")
