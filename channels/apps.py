"""Shops and malls: their files and, later, their interfaces."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    """Connections to malls; file formats of malls and carriers, as data."""

    name = "channels"
    verbose_name = _("Channels")
