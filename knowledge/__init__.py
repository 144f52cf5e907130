"""What we know and tell: articles for customers and for colleagues."""
