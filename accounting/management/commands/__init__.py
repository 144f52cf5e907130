"""Commands of accounting."""
