"""Costs of advertising are spread over what was sold in their days, by what customers paid; the parts add up."""

from collections.abc import Collection
from datetime import date

from django.db import connection, transaction
from django.db.models import Q

from accounting.models import AdCost

# Largest remainder: whole parts first, then one more for those that lost most; where nothing was paid, equal parts.
_SPREAD = """
    WITH lines AS (
        SELECT a.id AS ad, a.amount, p.id AS line,
               greatest(p.sales + p.charged + p.discount, 0)::numeric AS paid
        FROM accounting_adcost a
        JOIN accounting_lineprofit p ON p.sales_channel_id = a.sales_channel_id AND p.currency = a.currency
          AND p.day BETWEEN a.starts_on AND a.ends_on AND (a.product_id IS NULL OR a.product_id = p.product_id)
        WHERE a.id = ANY(%s)
    ), weighed AS (
        SELECT ad, amount, line, CASE WHEN sum(paid) OVER w > 0 THEN paid ELSE 1 END AS weight,
               CASE WHEN sum(paid) OVER w > 0 THEN sum(paid) OVER w ELSE count(*) OVER w END AS whole
        FROM lines WINDOW w AS (PARTITION BY ad)
    ), parts AS (
        SELECT ad, amount, line, div(amount * weight, whole) AS part,
               row_number() OVER (PARTITION BY ad ORDER BY mod(amount * weight, whole) DESC, line) AS place
        FROM weighed
    )
    INSERT INTO accounting_adshare (ad_cost_id, line_id, amount)
    SELECT ad, line, part + (place <= amount - sum(part) OVER (PARTITION BY ad))::int FROM parts
"""
_NOTE = """
    UPDATE accounting_lineprofit p SET ads = -n.ads, profit = p.profit - p.ads - n.ads
    FROM (SELECT l.id, coalesce(sum(s.amount), 0) AS ads FROM unnest(%s::bigint[]) AS l(id)
          LEFT JOIN accounting_adshare s ON s.line_id = l.id GROUP BY l.id) n
    WHERE n.id = p.id AND p.ads <> -n.ads
"""


@transaction.atomic
def spread_ads(*, ad_cost_ids: Collection[int]) -> int:
    """Spread these costs over what was sold and return how many lines bear a part; again gives the same."""
    ids = sorted(ad_cost_ids)
    if not ids:
        return 0
    list(AdCost.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounting_adshare WHERE ad_cost_id = ANY(%s) RETURNING line_id", [ids])
        touched = {row[0] for row in cursor.fetchall()}
        cursor.execute(_SPREAD + " RETURNING line_id", [ids])
        bearing = {row[0] for row in cursor.fetchall()}
        cursor.execute(_NOTE, [sorted(touched | bearing)])
    return len(bearing)


def spread_over(*, days: Collection[tuple[int, date]]) -> int:
    """Spread anew what was spent on (sales channel, day) pairs, and return how many lines bear a part."""
    if not days:
        return 0
    of_channel: dict[int, list[date]] = {}
    for channel_id, day in days:
        of_channel.setdefault(channel_id, []).append(day)
    covered = Q(pk__in=[])
    for channel_id, told in of_channel.items():
        covered |= Q(sales_channel=channel_id, starts_on__lte=max(told), ends_on__gte=min(told))
    return spread_ads(ad_cost_ids=list(AdCost.objects.filter(covered).values_list("pk", flat=True)))
