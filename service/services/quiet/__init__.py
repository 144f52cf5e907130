"""What is quiet for a while: tickets put aside, customers who do not answer."""
