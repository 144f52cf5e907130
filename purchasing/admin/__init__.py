"""Admin pages of purchasing."""
