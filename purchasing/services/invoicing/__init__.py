"""Suppliers' invoices are entered, compared with order and receipt, and decided."""
