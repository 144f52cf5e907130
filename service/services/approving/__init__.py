"""Answers that a second person reads before they leave."""
