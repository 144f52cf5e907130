"""Money as providers and banks tell it: authorised, captured, void, matched, granted back and sent back."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class PaymentsConfig(AppConfig):
    """Payment providers, bank deposits, refunds granted and sent."""

    name = "payments"
    verbose_name = pgettext_lazy("app", "Payments")
