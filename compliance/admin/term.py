"""Legal terms: how long for what, by which article, how far to rely on it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from compliance.admin.rule import DATES, PLACE_COLUMN, SOURCE_COLUMNS, RuleAdmin, RuleForm, verification
from compliance.models import Extension, LegalRule, TermKind, TermUnit
from core.display import number_text
from core.ui import Panel, columns, register_panel

KINDS: Mapping[str, str] = {TermKind.DUTY: "red", TermKind.WINDOW: "blue", TermKind.RETENTION: "grey"}


def length(count: int, unit: str) -> str:
    """Return a length in words: “3 business days”."""
    match TermUnit(unit):
        case TermUnit.AT_ONCE:
            return str(TermUnit.AT_ONCE.label)
        case TermUnit.BUSINESS_DAY:
            text = ngettext("%(count)s business day", "%(count)s business days", count)
        case TermUnit.DAY:
            text = ngettext("%(count)s day", "%(count)s days", count)
        case TermUnit.HOUR:
            text = ngettext("%(count)s hour", "%(count)s hours", count)
        case TermUnit.MONTH:
            text = ngettext("%(count)s month", "%(count)s months", count)
        case TermUnit.YEAR:
            text = ngettext("%(count)s year", "%(count)s years", count)
    return text % {"count": count}


def in_words(rule: LegalRule) -> list[str]:
    """Return the rule as sentences."""
    said = [
        _("%(length)s, from: %(start)s. It ends with: %(stop)s.")
        % {
            "length": length(rule.count, rule.unit),
            "start": rule.get_starts_by_display(),
            "stop": rule.get_stops_by_display(),
        }
    ]
    said += _counted(rule) + _moved(rule)
    if rule.includes_delivery:
        said.append(_("The refund includes the standard delivery."))
    if rule.interest_percent is not None:
        said.append(
            _("Delay costs %(percent)s %% interest a year, counted by days of 365.")
            % {"percent": percent_text(rule.interest_percent)}
        )
    return said + ([rule.note] if rule.note else [])


def percent_text(percent: Decimal) -> str:
    """Return a percentage without zeros at its end."""
    return number_text(percent.quantize(Decimal(1)) if percent == percent.to_integral_value() else percent.normalize())


def _counted(rule: LegalRule) -> list[str]:
    if rule.unit in {TermUnit.AT_ONCE, TermUnit.HOUR}:
        return []
    said = [_("The day it starts is the first one.") if rule.counts_first_day else _("The day after is the first one.")]
    if rule.unit == TermUnit.BUSINESS_DAY:
        said.append(
            _("Business days are Monday to Friday without the public holidays there, substitute ones included.")
        )
    if rule.ends_on_business_day:
        said.append(_("If it would end on a Saturday, Sunday or public holiday, it ends on the next business day."))
    return said


def _moved(rule: LegalRule) -> list[str]:
    said = []
    if rule.extension == Extension.AGREED:
        said.append(_("It may be extended to a day agreed with the customer."))
    elif rule.extension == Extension.FIXED:
        more = length(rule.extension_count, rule.extension_unit)
        said.append(_("It may be extended once by %(length)s.") % {"length": more})
    if rule.may_restart:
        said.append(_("It may start anew, for example when the customer was hindered."))
    return said


def _length(rule: LegalRule) -> Any:
    if rule.interest_percent is None:
        return length(rule.count, rule.unit)
    cost = _("%(percent)s %% a year") % {"percent": percent_text(rule.interest_percent)}
    return format_html("{}<small>{}</small>", length(rule.count, rule.unit), cost)


def _events(rule: LegalRule) -> Any:
    return format_html("{}<small>→ {}</small>", rule.get_starts_by_display(), rule.get_stops_by_display())


class TermForm(RuleForm):
    """A term whose numbers fit its unit, and which is alone in its time."""

    def clean(self) -> dict[str, Any]:
        """Refuse a count without a unit that counts, an extension that says nothing, and two rules at a time."""
        data = super().clean()
        is_at_once = data.get("unit") == TermUnit.AT_ONCE
        if "count" not in self.errors and bool(data.get("count")) == is_at_once:
            self.add_error("count", _("Without delay has no number.") if is_at_once else _("Say how many."))
        self._check_extension(data)
        if data.get("interest_percent") is not None and data.get("kind") != TermKind.DUTY:
            self.add_error("interest_percent", _("Only what the shop has to do costs interest."))
        if not self.errors:
            self._check_time(data)
        return data

    def _check_extension(self, data: dict[str, Any]) -> None:
        is_fixed = data.get("extension") == Extension.FIXED
        unit = data.get("extension_unit")
        if is_fixed and (not data.get("extension_count") or unit not in {TermUnit.DAY, TermUnit.MONTH, TermUnit.YEAR}):
            self.add_error("extension_count", _("Say by how many days, months or years."))
        elif not is_fixed and (data.get("extension_count") or unit):
            self.add_error("extension_count", _("Leave this empty: only a fixed extension has a length."))

    def _check_time(self, data: dict[str, Any]) -> None:
        place = data.get("jurisdiction") or self.instance.jurisdiction
        first, last = data.get("valid_from"), data.get("valid_until")
        others = LegalRule.objects.filter(jurisdiction=place, duty=data["duty"]).exclude(pk=self.instance.pk)
        if any(
            (last is None or other.valid_from is None or other.valid_from <= last)
            and (first is None or other.valid_until is None or first <= other.valid_until)
            for other in others
        ):
            self.add_error("valid_from", _("Another rule of this jurisdiction holds at that time. End it first."))


@admin.register(LegalRule)
class LegalRuleAdmin(RuleAdmin):
    """How long for what: found by jurisdiction and kind, honest about what nobody has verified."""

    form = TermForm
    list_display = [
        columns.two_lines("name", "article", gettext_lazy("Legal term")),
        PLACE_COLUMN,
        columns.badge("kind", pgettext_lazy("term", "Kind"), colours=KINDS),
        columns.computed("length", pgettext_lazy("term", "Length"), _length, css="fit"),
        columns.computed("events", pgettext_lazy("clock", "Starts → stops"), _events),
        *SOURCE_COLUMNS,
    ]
    list_filter = ("jurisdiction", "kind", "duty", "source_level")
    search_fields = ("code", "name_en", "name_ko", "name_ja", "article", "source")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("code", "jurisdiction"),
                    ("duty", "kind"),
                    "name_en",
                    "name_ko",
                    "name_ja",
                    ("count", "unit"),
                    ("starts_by", "stops_by"),
                    ("counts_first_day", "ends_on_business_day"),
                ]
            },
        ),
        (
            gettext_lazy("What may change it, and what delay costs"),
            {
                "fields": [
                    ("extension", "may_restart"),
                    ("extension_count", "extension_unit"),
                    ("interest_percent", "includes_delivery"),
                ]
            },
        ),
        (pgettext_lazy("rule", "Source"), {"fields": ["article", "note_en", "note_ko", "note_ja", "position"]}),
        DATES,
    ]
    empty_title = gettext_lazy("No legal terms here")
    verify = verification("compliance.change_legalrule")

    def facts(self, request: HttpRequest, obj: Any) -> Any:
        """Return its length first."""
        first = [(pgettext("term", "Length"), _length(obj)), (_("Article"), obj.article or "–")]
        return [*first, *super().facts(request, obj)]


def words(request: HttpRequest, rule: LegalRule) -> dict[str, Any]:
    """Give the rule as it is said."""
    return {"sentences": in_words(rule)}


register_panel(
    LegalRule,
    Panel(
        "words",
        pgettext_lazy("term", "In words"),
        "compliance/panels/words.html",
        words,
        position=10,
        above=True,
    ),
)
