"""Scores from 1 to 5 and the six groups they make. Written as SQL, said in words by ``crm.selectors.definitions``."""

from crm.models import BuyerGroup

FEWEST_BUYERS = 25  # with fewer a fifth is a handful of people, and a score says nothing

# The score is one more than the whole fifths of all buyers that lie below, so that equals have equal scores: ntile()
# would tear people apart who did the same.
SCORE = "1 + (5 * (rank() OVER ({window}) - 1)) / nullif(count(*) OVER ({whole}), 0)"

# (group, recency from, recency to, frequency from, frequency to); every pair of scores is in exactly one
GROUP_RULES: tuple[tuple[BuyerGroup, int, int, int, int], ...] = (
    (BuyerGroup.CHAMPION, 4, 5, 4, 5),
    (BuyerGroup.LOYAL, 4, 5, 3, 3),
    (BuyerGroup.LOYAL, 3, 3, 3, 5),
    (BuyerGroup.NEW, 4, 5, 1, 2),
    (BuyerGroup.FADING, 3, 3, 1, 2),
    (BuyerGroup.AT_RISK, 1, 2, 3, 5),
    (BuyerGroup.ASLEEP, 1, 2, 1, 2),
)


def score(column: str, *, within: str = "") -> str:
    """Return the SQL of a score by ``column``, high is good; ``within``: among rows equal in that column."""
    part = f"PARTITION BY {within} " if within else ""
    return SCORE.format(window=f"{part}ORDER BY {column}", whole=part.strip())


def group_case() -> str:
    """Return the SQL that makes a group of columns ``recency`` and ``frequency``."""
    rules = " ".join(
        f"WHEN recency BETWEEN {r1} AND {r2} AND frequency BETWEEN {f1} AND {f2} THEN '{group.value}'"
        for group, r1, r2, f1, f2 in GROUP_RULES
    )
    return f"CASE {rules} ELSE '' END"


def groups_until(parameter: str) -> str:
    """Return a query (customer_id, grp) of all buyers as they were on the day before ``parameter``; none of few."""
    return f"""
    SELECT customer_id, {group_case()} AS grp FROM (
        SELECT customer_id, {score("last_on")} AS recency, {score("day_count")} AS frequency,
               count(*) OVER () AS buyers
        FROM (SELECT customer_id, max(day) AS last_on, count(DISTINCT day) AS day_count
              FROM crm_days WHERE day < {parameter} GROUP BY customer_id) bought
    ) scored WHERE buyers >= {FEWEST_BUYERS}
    """  # noqa: S608 numbers and names of our own
