"""Clients of malls: the interfaces that others published."""
