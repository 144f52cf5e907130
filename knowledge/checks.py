"""What must be true of articles at every commit."""

from core.verify import invariant

invariant(
    "knowledge.verdicts_counted",
    "a version counts what its readers said",
    """
    SELECT e.id AS edition_id, e.helpful_count, e.unhelpful_count FROM knowledge_edition e
    LEFT JOIN (SELECT edition_id, count(*) FILTER (WHERE is_helpful) AS yes,
                      count(*) FILTER (WHERE NOT is_helpful) AS no
               FROM knowledge_verdict GROUP BY edition_id) v ON v.edition_id = e.id
    WHERE e.helpful_count <> coalesce(v.yes, 0) OR e.unhelpful_count <> coalesce(v.no, 0)
    """,
)
