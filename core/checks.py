"""What must be true of the kernel."""

from core.verify import invariant

invariant(
    "core.deliveries_not_parked",
    "no fact waits for a person because its handler kept failing",
    """
    SELECT id AS delivery, handler, attempts, error FROM core_delivery WHERE parked_at IS NOT NULL AND done_at IS NULL
    """,
)
