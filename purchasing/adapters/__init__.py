"""What purchasing says to the outside."""
