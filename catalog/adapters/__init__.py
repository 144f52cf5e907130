"""What the catalogue does to files."""
