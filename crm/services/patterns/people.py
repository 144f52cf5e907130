"""Each customer's own pattern, the intervals of all, cohorts, and the groups of ended months."""

from datetime import date
from typing import Any

from django.db import connection

from crm.models import MonthlyGroup
from crm.models.pattern import shifted_month
from crm.services.patterns.scoring import FEWEST_BUYERS, group_case, groups_until, score

FEWEST_PURCHASES = 3  # two intervals; of fewer nothing follows
LAPSE_FACTOR = 2  # quiet for longer than so many times the own interval
COHORT_MONTHS = 12
GAP_STEP = 7  # days
LONGEST_GAP = 364  # from there on all together
MONTHS_KEPT = 12
MANY_DAYS = 500_000  # of purchases: from there on months are caught up one a night

_PATTERNS = f"""
INSERT INTO crm_customerpattern (run_id, customer_id, currency, first_on, last_on, day_count, spent, typical_gap,
    next_on, is_lapsed, year_value, recency, frequency, monetary, "group")
WITH bought AS (
    SELECT customer_id, currency, count(*) AS days, sum(orders) AS orders, sum(spent)::bigint AS spent
    FROM crm_days GROUP BY customer_id, currency
), main AS (
    SELECT DISTINCT ON (customer_id) customer_id, currency, days, spent
    FROM bought ORDER BY customer_id, orders DESC, currency
), stepped AS (
    SELECT customer_id, day, day - lag(day) OVER (PARTITION BY customer_id ORDER BY day) AS gap
    FROM (SELECT DISTINCT customer_id, day FROM crm_days) one
), per AS (
    SELECT customer_id, min(day) AS first_on, max(day) AS last_on, count(*)::int AS day_count,
           CASE WHEN count(*) >= {FEWEST_PURCHASES} THEN percentile_disc(0.5) WITHIN GROUP (ORDER BY gap) END AS gap
    FROM stepped GROUP BY customer_id
), judged AS (
    SELECT per.*, main.currency, main.spent, main.days, %(until)s::date - last_on > {LAPSE_FACTOR} * gap AS lapsed
    FROM per JOIN main USING (customer_id)
), scored AS (
    SELECT judged.*, count(*) OVER () AS buyers, count(*) OVER (PARTITION BY currency) AS payers,
           {score("last_on")} AS recency, {score("day_count")} AS frequency,
           {score("spent", within="currency")} AS monetary
    FROM judged
)
SELECT %(run)s, customer_id, currency, first_on, last_on, day_count, spent, gap, last_on + gap, lapsed,
       CASE WHEN gap IS NULL THEN NULL WHEN lapsed THEN 0 ELSE round(spent::numeric * 365 / (days * gap)) END,
       CASE WHEN buyers >= {FEWEST_BUYERS} THEN recency END, CASE WHEN buyers >= {FEWEST_BUYERS} THEN frequency END,
       CASE WHEN payers >= {FEWEST_BUYERS} THEN monetary END,
       CASE WHEN buyers >= {FEWEST_BUYERS} THEN {group_case()} ELSE '' END
FROM scored
"""  # noqa: S608 numbers and names of our own
_GAPS = f"""
INSERT INTO crm_gapcell (run_id, from_days, purchase_count)
SELECT %(run)s, least(gap / {GAP_STEP} * {GAP_STEP}, {LONGEST_GAP}), count(*) FROM (
    SELECT day - lag(day) OVER (PARTITION BY customer_id ORDER BY day) AS gap
    FROM (SELECT DISTINCT customer_id, day FROM crm_days) one
) stepped WHERE gap IS NOT NULL GROUP BY 2
"""  # noqa: S608
_COHORTS = """
INSERT INTO crm_cohortcell (run_id, cohort, months, customer_count)
WITH active AS (
    SELECT customer_id, date_trunc('month', day)::date AS month FROM crm_days GROUP BY 1, 2
), born AS (
    SELECT customer_id, min(month) AS cohort FROM active GROUP BY 1 HAVING min(month) >= %(oldest)s
)
SELECT %(run)s, cohort,
       (extract(year FROM month) - extract(year FROM cohort)) * 12 + extract(month FROM month)
           - extract(month FROM cohort) AS months, count(*)
FROM born JOIN active USING (customer_id) GROUP BY cohort, 3
"""
_MIGRATION = f"""
INSERT INTO crm_migrationcell (month, origin, goal, customer_count)
WITH before AS ({groups_until("%(start)s")}), after AS ({groups_until("%(end)s")})
SELECT %(start)s, coalesce(before.grp, ''), after.grp, count(*)
FROM after LEFT JOIN before USING (customer_id) GROUP BY 2, 3
"""  # noqa: S608
_MONTHLY = f"""
INSERT INTO crm_monthlygroup (month, customer_id, "group")
SELECT %(start)s, customer_id, grp FROM ({groups_until("%(end)s")}) found
"""  # noqa: S608


def write_people(*, run_id: int, day: date) -> None:
    """Write the patterns of all customers, intervals and cohorts of a run anew, from ``crm_days``."""
    oldest = shifted_month(day, -COHORT_MONTHS)
    values: dict[str, Any] = {"run": run_id, "until": day, "oldest": oldest}
    with connection.cursor() as cursor:
        for table, statement in (
            ("crm_customerpattern", _PATTERNS),
            ("crm_gapcell", _GAPS),
            ("crm_cohortcell", _COHORTS),
        ):
            cursor.execute(f"DELETE FROM {table} WHERE run_id = %(run)s", values)  # noqa: S608 names of our own
            cursor.execute(statement, values)
        cursor.execute(
            "UPDATE crm_patternrun SET buyer_count = (SELECT count(*) FROM crm_customerpattern WHERE run_id = %(run)s),"
            " order_count = (SELECT coalesce(sum(orders), 0) FROM crm_days) WHERE id = %(run)s",
            values,
        )


def close_months(*, day: date) -> None:
    """Write the groups of the months that ended before ``day`` and have none yet; what is written stays as it was.

    A large shop closes the latest missing month in a night, a small one all of the last year. Months older than a
    year are forgotten person by person; how many went where is kept.
    """
    oldest = shifted_month(day, -MONTHS_KEPT)
    closed = set(MonthlyGroup.objects.filter(month__gte=oldest).values_list("month", flat=True).distinct())
    asked = [shifted_month(day, -back) for back in range(1, MONTHS_KEPT + 1)]
    missing = [month for month in asked if month not in closed]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM crm_days")
        at_once = 1 if cursor.fetchone()[0] > MANY_DAYS else len(missing)
        for month in missing[:at_once]:
            values: dict[str, Any] = {"start": month, "end": shifted_month(month, 1)}
            cursor.execute("DELETE FROM crm_migrationcell WHERE month = %(start)s", values)
            cursor.execute(_MIGRATION, values)
            cursor.execute(_MONTHLY, values)
        cursor.execute("DELETE FROM crm_monthlygroup WHERE month < %s", [oldest])
