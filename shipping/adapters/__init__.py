"""Ways to outside systems that take shipping notices without a file."""
