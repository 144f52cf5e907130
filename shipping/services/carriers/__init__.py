"""Carriers as delivered, and which one takes what."""
