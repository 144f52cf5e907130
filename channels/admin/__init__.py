"""Screens about how malls are reached."""

from channels.admin import connection

__all__ = ["connection"]
