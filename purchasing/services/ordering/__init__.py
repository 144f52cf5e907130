"""Purchase orders, from draft to their end. Read ``orders`` first."""
