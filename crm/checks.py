"""What must be true of merged customers at every commit."""

from core.verify import invariant

invariant(
    "crm.apart_stays_apart",
    "no two customers are merged of whom somebody decided that they are two persons",
    """
    SELECT m.id AS merge, m.survivor_id, m.absorbed_id
    FROM crm_merge m JOIN crm_duplicateproposal p
      ON p.first_id = least(m.survivor_id, m.absorbed_id) AND p.second_id = greatest(m.survivor_id, m.absorbed_id)
    WHERE m.undone_at IS NULL AND p.state = 'apart'
    """,
)
invariant(
    "crm.merges_lead_out",
    "from every merged customer the merges lead to one that stands for itself",
    """
    WITH RECURSIVE step (start, goal, depth) AS (
        SELECT absorbed_id, survivor_id, 1 FROM crm_merge WHERE undone_at IS NULL
        UNION ALL
        SELECT step.start, m.survivor_id, depth + 1 FROM step JOIN crm_merge m
          ON m.absorbed_id = step.goal AND m.undone_at IS NULL WHERE depth < 50 AND step.goal <> step.start
    ) SELECT DISTINCT start AS customer FROM step WHERE goal = start
    """,
)
