"""What stock cost, worked out beside the sales. Read ``costing`` first: it is the arithmetic."""
