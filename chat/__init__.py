"""Live chat on the shop's own site."""
