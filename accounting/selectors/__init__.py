"""Reads of accounting."""
