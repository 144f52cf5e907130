"""What is read of conversations of the site."""
