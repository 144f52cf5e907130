"""Visitors of the own site write, colleagues answer in the inbox."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class ChatConfig(AppConfig):
    """The widget, who may embed it, and the conversations that visitors hold."""

    name = "chat"
    verbose_name = pgettext_lazy("app", "Live chat")
