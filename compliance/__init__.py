"""Legal rules as dated data."""
