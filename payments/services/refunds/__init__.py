"""Refunds: granted, approved, sent or withdrawn."""
