"""What pages read of articles."""
