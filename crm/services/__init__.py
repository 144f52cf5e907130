"""Everything that writes what we know of how people buy."""
