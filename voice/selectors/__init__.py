"""What pages read of reviews and of the voice of the customer."""
