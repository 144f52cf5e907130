"""What screens of payments read."""
