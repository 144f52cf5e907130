"""What screens ask of connections."""
