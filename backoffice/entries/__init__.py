"""The entries of the navigation, by part of the work."""
