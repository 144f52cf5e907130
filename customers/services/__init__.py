"""Everything that writes customers."""
