"""Who buys, how, and what follows from it."""
