"""Why people write: the tree of reasons, and the reason that a ticket gets."""
