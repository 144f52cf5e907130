"""Reads about purchasing."""
