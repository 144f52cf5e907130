"""What must be true of the kernel."""

from core.verify import invariant

invariant(
    "core.deliveries_not_parked",
    "no fact waits for a person because its handler kept failing",
    """
    SELECT id AS delivery, handler, attempts, error FROM core_delivery WHERE parked_at IS NOT NULL AND done_at IS NULL
    """,
)
invariant(
    "core.imports_account_for_all_rows",
    "a finished import has every row of its file, each with an outcome",
    """
    SELECT b.id AS batch, b.row_count, coalesce(r.rows, 0) AS rows, coalesce(r.pending, 0) AS pending
    FROM core_importbatch b
    LEFT JOIN (SELECT batch_id, count(*) AS rows, count(*) FILTER (WHERE outcome = 'pending') AS pending
               FROM core_importrow GROUP BY batch_id) r ON r.batch_id = b.id
    WHERE b.state = 'done' AND (b.row_count <> coalesce(r.rows, 0) OR coalesce(r.pending, 0) > 0)
    """,
)
