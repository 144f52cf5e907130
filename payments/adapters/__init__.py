"""Clients of payment providers behind one small protocol; no ORM, no rules."""
