"""What the pages of all rules share: where, since when, who says so, and whether somebody looked lately."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from compliance import services
from compliance.models import CertificateKind, Jurisdiction, LegalRule, NoticeType, PriceClaimRule, Rule, SourceLevel
from compliance.models.rule import REVIEW_DAYS
from core.display import badge_html, moment_text
from core.ui import ActionForm, ModelAdmin, NextAction, Tab, actor, columns, register_next_actions, service_action
from core.ui.actions import ServiceAction

PLACES: Mapping[str, str] = {Jurisdiction.KR: "blue", Jurisdiction.JP: "red", Jurisdiction.EU: "violet"}
LEVELS = {
    SourceLevel.OFFICIAL: "green",
    SourceLevel.PRESS: "blue",
    SourceLevel.WEAK: "amber",
    SourceLevel.UNVERIFIED: "amber",
}
PROVED = [choice for choice in SourceLevel.choices if choice[0] != SourceLevel.UNVERIFIED]


class VerifyForm(ActionForm):
    """Where the rule was read again, and how good that source is."""

    source = forms.CharField(
        label=pgettext_lazy("rule", "source"),
        max_length=300,
        help_text=gettext_lazy("Law and article, or where it was read."),
        widget=UnfoldAdminTextInputWidget,
    )
    source_level = forms.ChoiceField(
        label=gettext_lazy("quality of the source"), choices=[("", "–"), *PROVED], widget=UnfoldAdminSelectWidget
    )


class RuleForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no parameter
    """A rule; its last day is not before its first."""

    named = ("name_en", "name_ko", "name_ja")

    def clean(self) -> dict[str, Any]:
        """Refuse a time that ends before it begins, and a rule without a name."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("valid_from") and data.get("valid_until") and data["valid_until"] < data["valid_from"]:
            self.add_error("valid_until", _("The last day is before the first one."))
        if self.named[0] in self.fields and not any(data.get(name) for name in self.named):
            self.add_error(self.named[0], _("Write it in at least one language."))
        return data


def initial_verification(request: HttpRequest, rule: Rule) -> dict[str, Any]:
    """Propose what is known; how good an unverified source is has to be said."""
    level = "" if rule.source_level == SourceLevel.UNVERIFIED else rule.source_level
    return {"source": rule.source, "source_level": level}


def time_badge(row: Any) -> Any:
    """Return whether the row holds today, as a badge."""
    today = timezone.localdate()
    if row.valid_until and row.valid_until < today:
        return badge_html(pgettext("rule", "Ended"), "grey")
    if row.valid_from and row.valid_from > today:
        return badge_html(pgettext("rule", "Not yet"), "violet")
    return badge_html(pgettext("rule", "In force"), "green")


def time_text(row: Any) -> str:
    """Return from when until when the row holds, empty for always."""
    if not row.valid_from and not row.valid_until:
        return ""
    return " – ".join(moment_text(day) if day else "" for day in (row.valid_from, row.valid_until)).strip()


def level_badge(rule: Rule) -> Any:
    """Return the quality of the source as a badge."""
    return badge_html(rule.get_source_level_display(), LEVELS[SourceLevel(rule.source_level)])


def verified_cell(rule: Rule) -> Any:
    """Return when the rule was verified, with a mark when that is long ago or never was."""
    today = timezone.localdate()
    if rule.verified_on is None:
        return badge_html(_("Never verified"), "amber")
    if rule.is_to_verify(today):
        return format_html('<em class="late">{}</em>', moment_text(rule.verified_on))
    return moment_text(rule.verified_on)


def to_verify(today: date) -> Q:
    """Return the condition for rules in force that nobody has looked at for half a year."""
    long_ago = today - timedelta(days=REVIEW_DAYS)
    return (Q(verified_on__isnull=True) | Q(verified_on__lt=long_ago)) & (
        Q(valid_until__isnull=True) | Q(valid_until__gte=today)
    )


def _time_cell(row: Any) -> Any:
    text = time_text(row)
    return format_html("{}<small>{}</small>", time_badge(row), text) if text else time_badge(row)


PLACE_COLUMN = columns.badge("jurisdiction", gettext_lazy("Jurisdiction"), colours=PLACES)
SOURCE_COLUMNS = [
    columns.computed("level", pgettext_lazy("rule", "Source"), level_badge, css="fit"),
    columns.computed("verified", gettext_lazy("Verified"), verified_cell, order="verified_on", css="fit"),
    columns.computed("time", pgettext_lazy("rule", "Valid"), _time_cell, css="fit"),
]
DATES = (pgettext_lazy("rule", "Valid"), {"fields": [("valid_from", "valid_until")]})


class RuleAdmin(ModelAdmin):
    """Base of the pages of rules: a rule is edited as a row, its source by the button that says who looked and when."""

    form = RuleForm
    few_rows = True
    list_filter: Sequence[str] = ("jurisdiction", "source_level")
    ordering: Sequence[str] = ("jurisdiction", "position", "id")
    search_fields: Sequence[str] = ("code", "name_en", "name_ko", "name_ja", "source")

    def get_tabs(self, request: HttpRequest) -> Sequence[Tab]:
        """Return one view for each jurisdiction, one for what has to be looked at, one for everything."""
        places = [Tab(place.value.lower(), place.label, Q(jurisdiction=place.value)) for place in Jurisdiction]
        due = Tab(
            "to_verify",
            _("To verify"),
            to_verify(timezone.localdate()),
            empty=_("Every rule was compared with its source within half a year."),
        )
        return [*places, due, Tab("all", pgettext("rules", "All"), count=False)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        """Keep the code and the place of a rule: what was delivered is known by them."""
        fixed = super().get_readonly_fields(request, obj)
        return fixed if obj is None else [*fixed, "code", "jurisdiction"]

    def facts(self, request: HttpRequest, obj: Any) -> Sequence[tuple[Any, Any]]:
        """Return where and when the rule holds, and how far it can be relied upon."""
        facts = [
            (_("Jurisdiction"), badge_html(obj.get_jurisdiction_display(), PLACES[Jurisdiction(obj.jurisdiction)])),
            (pgettext("rule", "Valid"), _time_cell(obj)),
            (_("Quality of the source"), level_badge(obj)),
            (_("Verified"), verified_cell(obj)),
        ]
        return facts + ([(pgettext("rule", "Source"), obj.source)] if obj.source else [])


def verification(permission: str) -> ServiceAction:
    """Return the button by which somebody notes that a rule is as its source says."""

    def verify(admin: Any, request: HttpRequest, obj: Rule, data: dict[str, Any]) -> str:
        services.verify_rule(
            model=type(obj),
            rule_id=obj.pk,
            source=data["source"],
            source_level=data["source_level"],
            actor=actor(request),
        )
        return _("Noted: “%(name)s” is as its source says.") % {"name": obj}

    return service_action(
        gettext_lazy("Mark as verified"),
        permission=permission,
        icon="verified",
        form=VerifyForm,
        initial=initial_verification,
        question=gettext_lazy("Only after comparing the rule with the text of its source."),
    )(verify)


def remind_to_verify(request: HttpRequest, rule: Rule) -> list[NextAction]:
    """Ask for a look at a rule in force that nobody has compared with its source for half a year."""
    today = timezone.localdate()
    if not rule.is_to_verify(today) or (rule.valid_until and rule.valid_until < today):
        return []
    if rule.verified_on is None:
        sentence = _("Nobody has compared this rule with its source yet. Do not rely on it alone.")
    else:
        sentence = _("This rule was last compared with its source more than half a year ago. Look again.")
    return [NextAction(sentence, level="warning")]


for _model in (NoticeType, CertificateKind, PriceClaimRule, LegalRule):
    register_next_actions(_model, remind_to_verify)
