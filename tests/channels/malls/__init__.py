"""Malls on the loopback, made from their contracts, and our clients against them."""
