"""Price claim rules: with what a reduced price may be compared."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from compliance.admin.rule import DATES, PLACE_COLUMN, SOURCE_COLUMNS, RuleAdmin, RuleForm, verification
from compliance.models import ClaimMethod, PriceClaimRule
from core.ui import Panel, Tab, columns, register_panel


class ClaimForm(RuleForm):
    """A rule whose numbers fit its method, and which is alone in its time."""

    def clean(self) -> dict[str, Any]:
        """Ask for the numbers that the method needs, and for no others; refuse two rules at a time."""
        data = super().clean()
        if data.get("window_days") == 0:
            self.add_error("window_days", _("Look at one day at least."))
        self._check_numbers(data)
        if not self.errors:
            self._check_time(data)
        return data

    def _check_numbers(self, data: dict[str, Any]) -> None:
        majority = data.get("method") == ClaimMethod.MAJORITY_OF_WINDOW
        for name in ("min_days_total", "max_days_since_last"):
            if name in self.errors or "method" in self.errors:
                continue
            if majority and data.get(name) is None:
                self.add_error(name, _("This method needs the number."))
            elif not majority and data.get(name) is not None:
                self.add_error(name, _("This method does not use the number. Leave it empty."))
        if majority and (data.get("min_days_total") or 0) > (data.get("window_days") or 0):
            self.add_error("min_days_total", _("These are more days than are looked at."))

    def _check_time(self, data: dict[str, Any]) -> None:
        place = data.get("jurisdiction") or self.instance.jurisdiction
        first, last = data.get("valid_from"), data.get("valid_until")
        others = PriceClaimRule.objects.filter(jurisdiction=place).exclude(pk=self.instance.pk)
        if any(
            (last is None or other.valid_from is None or other.valid_from <= last)
            and (first is None or other.valid_until is None or first <= other.valid_until)
            for other in others
        ):
            self.add_error("valid_from", _("Another rule of this jurisdiction holds at that time. End it first."))


def in_words(rule: PriceClaimRule) -> list[str]:
    """Return the rule as sentences."""
    days = rule.window_days
    if rule.method == ClaimMethod.LOWEST_IN_WINDOW:
        return [
            ngettext(
                "The price before is the lowest one of the %(days)s day before the reduction.",
                "The price before is the lowest one of the %(days)s days before the reduction.",
                days,
            )
            % {"days": days}
        ]
    return [
        _("The price before was asked on more than half of the last %(days)s days, or of the time of sale if shorter.")
        % {"days": days},
        _("It was asked on %(days)s days at least in total.") % {"days": rule.min_days_total},
        _("It was last asked %(days)s days ago at most.") % {"days": rule.max_days_since_last},
    ]


def _name(rule: PriceClaimRule) -> Any:
    return format_html("{}<small>{}</small>", rule.get_method_display(), rule.code)


@admin.register(PriceClaimRule)
class PriceClaimRuleAdmin(RuleAdmin):
    """By which rule a “before” price is proved."""

    form = ClaimForm
    list_display = [
        columns.computed("name", gettext_lazy("Price claim rule"), _name),
        PLACE_COLUMN,
        columns.number("window_days", gettext_lazy("days looked at")),
        columns.number("min_days_total", gettext_lazy("least days at that price")),
        columns.number("max_days_since_last", gettext_lazy("most days since that price")),
        *SOURCE_COLUMNS,
    ]
    ordering = ("jurisdiction", "valid_from", "id")
    search_fields = ("code", "source")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("code", "jurisdiction"),
                    ("method", "window_days"),
                    ("min_days_total", "max_days_since_last"),
                ]
            },
        ),
        DATES,
    ]
    empty_title = gettext_lazy("No price claim rules here")
    verify = verification("compliance.change_priceclaimrule")

    def get_tabs(self, request: HttpRequest) -> Sequence[Tab]:
        """Return everything first: there is one rule a jurisdiction."""
        *_places, due, everything = super().get_tabs(request)
        return [everything, due]


def words(request: HttpRequest, rule: PriceClaimRule) -> dict[str, Any]:
    """Give the rule as it is said."""
    return {"sentences": in_words(rule)}


register_panel(
    PriceClaimRule,
    Panel(
        "words",
        pgettext_lazy("price claim", "In words"),
        "compliance/panels/words.html",
        words,
        position=10,
        above=True,
    ),
)
