"""Admin pages of legal rules."""

from compliance.admin import certificate, claim, notice  # noqa: F401 registering
