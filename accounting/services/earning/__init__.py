"""What order lines earned: what has changed is gathered and worked out anew."""
