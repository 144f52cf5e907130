"""Goods go back to suppliers: drafted, sent, credited."""
