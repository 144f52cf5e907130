"""Pages about the handling of personal data."""

from privacy.admin import access, handing, requests, revealing

__all__ = ["access", "handing", "requests", "revealing"]
