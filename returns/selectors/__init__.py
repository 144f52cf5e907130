"""Reads of return rules and cases."""
