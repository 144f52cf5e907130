"""Forecasts into their table, thousands in one statement."""

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction
from django.utils import timezone

from core.copying import array_literal
from purchasing.models import Forecast
from purchasing.services.demand.predicting import ForecastRow

# column -> what its values are sent as, and what they become
_COLUMNS = {
    "variant_id": ("bigint", "bigint"),
    "sales_channel_id": ("bigint", "bigint"),
    "method": ("text", "text"),
    "weekly": ("text", "numeric[]"),
    "low": ("text", "numeric[]"),
    "high": ("text", "numeric[]"),
    "daily_mean": ("numeric", "numeric"),
    "daily_deviation": ("numeric", "numeric"),
    "error": ("numeric", "numeric"),
    "errors": ("text", "jsonb"),
    "sizes": ("text", "jsonb"),
    "history_days": ("int", "int"),
    "sold_days": ("int", "int"),
}
_NEW = ", ".join(f"excluded.{name}" for name in _COLUMNS)
# names come from the code, values are parameters
_WRITE = f"""
INSERT INTO purchasing_forecast ({", ".join(_COLUMNS)}, starts_on, made_at)
SELECT {", ".join(f"n.{name}::{kind}" for name, (_sent, kind) in _COLUMNS.items())}, %s, %s
FROM unnest({", ".join(f"%s::{sent}[]" for sent, _kind in _COLUMNS.values())}) AS n({", ".join(_COLUMNS)})
ON CONFLICT (variant_id, sales_channel_id)
DO UPDATE SET ({", ".join(_COLUMNS)}, starts_on, made_at) = ({_NEW}, excluded.starts_on, excluded.made_at)
"""  # noqa: S608


@transaction.atomic
def write_forecasts(*, variant_ids: Sequence[int], rows: Sequence[ForecastRow], starts_on: date) -> None:
    """Let the forecasts of these variants be exactly these; a row that stays keeps its id."""
    now = timezone.now()
    if rows:
        values = [array_literal([getattr(row, name) for row in rows]) for name in _COLUMNS]
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [starts_on, now, *values])
    Forecast.objects.filter(variant_id__in=variant_ids).exclude(made_at=now).delete()
