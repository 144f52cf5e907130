"""Files to carriers and malls: how they are written, what stands in them, and how long they stay."""
