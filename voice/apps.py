"""What customers say about goods."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class VoiceConfig(AppConfig):
    """Reviews, and what tickets, returns and reviews say together about products, lots and suppliers."""

    name = "voice"
    verbose_name = pgettext_lazy("app", "Voice of the customer")
