"""Admin pages of legal rules."""

from compliance.admin import certificate, claim, notice, term  # noqa: F401 registering
