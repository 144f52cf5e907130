"""How people buy, counted anew every night in a few statements over all orders."""

from crm.services.patterns.running import refresh_patterns

__all__ = ["refresh_patterns"]
