"""Admin pages of legal rules."""

from compliance.admin import certificate, claim, clock, notice, term  # noqa: F401 registering
