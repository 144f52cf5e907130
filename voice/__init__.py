"""What customers say about goods: reviews, and the voice of the customer."""
