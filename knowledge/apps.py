"""What we know and tell."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class KnowledgeConfig(AppConfig):
    """Articles for customers and colleagues, in three languages, that say when what they quote has changed."""

    name = "knowledge"
    verbose_name = pgettext_lazy("app", "Knowledge base")
