"""Reads about the handling of personal data."""
