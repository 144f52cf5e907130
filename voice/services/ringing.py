"""Rules look at the counts every hour and ring once for what they find."""

from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone

from core.events import record
from voice.events import AlertRang
from voice.models import Alert, AlertRule, Grain
from voice.services.telling import tell_alert

_COLUMNS = {Grain.PRODUCT: "product_id", Grain.LOT: "lot_id", Grain.SUPPLIER: "supplier_id"}
_FIND = """
    WITH RECURSIVE chosen AS (
        SELECT id FROM service_reasonnode WHERE id = %(reason)s OR merged_into_id = %(reason)s
        UNION
        SELECT n.id FROM service_reasonnode n JOIN chosen c ON n.parent_id = c.id OR n.merged_into_id = c.id
    ),
    told AS (
        SELECT {column} AS subject, sum(matter_count) FILTER (WHERE day >= %(first)s) AS count,
               coalesce(sum(matter_count) FILTER (WHERE day < %(first)s), 0) AS before
        FROM voice_mattercell
        WHERE day BETWEEN %(earlier)s AND %(last)s AND {column} IS NOT NULL
          AND (%(reason)s::bigint IS NULL OR reason_id IN (SELECT id FROM chosen))
        GROUP BY {column}
    ),
    sold AS (
        SELECT {column} AS subject, sum(piece_count) AS pieces FROM voice_soldcell
        WHERE day BETWEEN %(first)s AND %(last)s AND {column} IS NOT NULL GROUP BY {column}
    )
    SELECT t.subject, t.count, t.before, coalesce(s.pieces, 0) FROM told t LEFT JOIN sold s USING (subject)
    WHERE t.count >= %(count)s
      AND (%(rate)s = 0 OR 1000 * t.count >= %(rate)s * coalesce(s.pieces, 0))
      AND (%(growth)s = 0 OR 100 * t.count >= (100 + %(growth)s) * t.before)
    ORDER BY t.count DESC, t.subject LIMIT 100
"""


@transaction.atomic
def ring_alerts(*, today: date | None = None) -> int:
    """Open an alert for each thing that a rule finds, tell whoever may act on it, and return how many; each rings once.

    While one stands open, and until the rule's days have passed since it was handled, the same does not ring again.
    """
    last = today or timezone.localdate()
    rung = 0
    for rule in AlertRule.objects.filter(is_active=True).order_by("pk").select_for_update():
        first = last - timedelta(days=rule.days - 1)
        column = _COLUMNS[Grain(rule.grain)]
        recent = Alert.objects.filter(rule=rule).exclude(state="handled", last_day__lt=first)
        known = set(recent.values_list(column, flat=True))
        for subject, count, before, pieces in _found(rule, column, first, last):
            if subject in known:
                continue
            alert = Alert.objects.create(
                rule=rule, reason_id=rule.reason_id, first_day=first, last_day=last, matter_count=count,
                before_count=before, piece_count=pieces, **{column: subject},
            )  # fmt: skip
            tell_alert(alert)
            record(AlertRang(alert_id=alert.pk, matter_count=count), subject=alert)
            rung += 1
    return rung


def _found(rule: AlertRule, column: str, first: date, last: date) -> list[tuple[int, int, int, int]]:
    given = {
        "reason": rule.reason_id, "first": first, "last": last, "earlier": first - timedelta(days=rule.days),
        "count": rule.least_count, "rate": rule.least_per_mille, "growth": rule.least_growth,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FIND.format(column=column), given)
        return [(int(subject), int(count), int(before), int(pieces)) for subject, count, before, pieces in cursor]
