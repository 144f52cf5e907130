"""Pieces promised to document lines: reserved, shipped, released."""
