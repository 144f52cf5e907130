"""When and how much to order: worked out, explained, proposed, ordered."""
