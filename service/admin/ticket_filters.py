"""Filters of the list of tickets that saved views of the inbox share: a tag, a clock."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.core.exceptions import SuspiciousOperation
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from service.selectors.saved import CLOCKS


class TagFilter(SimpleListFilter):
    """Tickets with a tag; only the chosen one is named, all of them would be a scan."""

    title = _("tag")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the tag that was asked for."""
        return [(tag, tag)] if (tag := request.GET.get("tag", "")) else []

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Keep those with it."""
        return queryset.filter(tags__contains=[self.value()]) if self.value() else queryset


class ClockFilter(SimpleListFilter):
    """Tickets by what their clocks say."""

    title = _("clock")
    parameter_name = "clock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the four questions."""
        return [(key, label) for key, (label, _condition) in CLOCKS.items()]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Keep those to which it applies; 400 for another word."""
        value = self.value()
        if value is None:
            return queryset
        if value not in CLOCKS:
            raise SuspiciousOperation("no such clock")
        return queryset.filter(CLOCKS[value][1]())
