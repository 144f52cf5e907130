"""Bank deposits: taken in, matched with orders, sent back."""
