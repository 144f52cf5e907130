"""Orders change after they were placed: lines, prices, address, wishes, presents; the difference is money."""
