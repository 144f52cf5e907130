"""Settings of the chat for colleagues; what its visitors ask stands in ``visiting``."""

from chat.admin import tiles, widget

__all__ = ["tiles", "widget"]
