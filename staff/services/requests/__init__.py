"""Asking for work: the brief with all that belongs to it, groups, what recurs."""
