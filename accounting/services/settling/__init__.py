"""Statements of channels: taken once, matched with orders, their differences decided."""
