"""Everything that writes rules."""

from compliance.services.seeding import sync_rules
from compliance.services.verifying import verify_rule

__all__ = ["sync_rules", "verify_rule"]
