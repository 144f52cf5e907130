"""Colleagues: accounts, rights, leave, calendars, and what becomes of the work of who leaves."""
