"""The one admin site."""

from unfold.sites import UnfoldAdminSite


class BackofficeSite(UnfoldAdminSite):
    """Unfold's site as this house uses it."""
