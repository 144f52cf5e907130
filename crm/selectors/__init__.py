"""Reads about how people buy and who they are."""
