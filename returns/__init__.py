"""Goods that come back, are exchanged or claimed: rules, requests, inspections, outcomes."""
