"""Filters of lists that Unfold does not get right for people in several time zones."""

from datetime import datetime, time
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.utils import parse_date_str, parse_datetime_str


class MomentRangeFilter(RangeDateTimeFilter):
    """From and to in the reader's own time zone; a day without a time counts whole (Unfold ignores it)."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows between the two moments, both included; refuses what is no date."""
        bounds = {"gte": self._moment("from", time.min), "lte": self._moment("to", time.max)}
        return queryset.filter(**{f"{self.parameter_name}__{side}": at for side, at in bounds.items() if at})

    def _moment(self, side: str, otherwise: time) -> datetime | None:
        day, hour = (self.used_parameters.get(f"{self.parameter_name}_{side}_{part}") for part in (0, 1))
        if not day:
            return None
        parsed = parse_datetime_str(f"{day} {hour}") if hour else parse_date_str(str(day))
        if parsed is None:
            raise SuspiciousOperation("no such date")
        return timezone.make_aware(parsed if hour else datetime.combine(parsed, otherwise))
