"""From orders that may leave to parcels at the door: carriers, waves, packing checks, files of carriers."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class ShippingConfig(AppConfig):
    """Carriers, waves, packing checks, and the files that go to and come from carriers."""

    name = "shipping"
    verbose_name = pgettext_lazy("app", "Shipping")
