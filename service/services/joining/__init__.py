"""Tickets that are one matter, tickets that are two; both can be undone."""
