"""Payments at providers: noted, asked, settled and kept in line with the ledger."""
