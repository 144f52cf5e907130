"""Prices: set, planned, proposed, approved, changed by the thousand, taken back."""
