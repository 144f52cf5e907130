"""Papers about money as they were issued, settlements of malls, and what an order line earned."""
