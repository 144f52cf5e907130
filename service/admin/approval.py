"""By which rules answers wait for a second person: words, amounts, orders, by whom."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.money import format_money
from core.ui import ModelAdmin, Tab, columns
from core.ui.amounts import amount_input, amount_text, read_amount
from service.models import ApprovalKind, ApprovalRule
from staff.models import Role
from staff.selectors import role_label, users_with_permission


class ApprovalRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """What belongs together: words, or an amount with its currency."""

    limit = forms.CharField(
        label=gettext_lazy("Amount above"), required=False, max_length=20,
        widget=amount_input(),
        help_text=gettext_lazy("An answer waits when the amount is above this one."),
    )  # fmt: skip
    roles = forms.TypedMultipleChoiceField(
        label=gettext_lazy("written by these roles"), choices=Role.choices, required=False, empty_value=[],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: whoever writes, macros that run by themselves included."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule = self.instance
        if rule.limit is not None and rule.currency:
            self.initial["limit"] = amount_text(rule.limit, rule.currency)

    def clean(self) -> dict[str, Any]:
        """Refuse half of a pair; what the kind does not look at is emptied."""
        data = super().clean() or {}
        words = sorted({" ".join(word.split()) for word in data.get("words") or () if word.strip()})
        if data.get("kind") == ApprovalKind.WORDS:
            data.update(words=words, limit=None, currency="")
            if not words:
                self.add_error("words", _("Write at least one word or phrase."))
            return data
        data["words"] = []
        if not data.get("currency"):
            self.add_error("currency", _("Choose a currency."))
        try:
            data["limit"] = read_amount(data.get("limit") or "", data.get("currency") or "KRW")
        except forms.ValidationError as error:
            self.add_error("limit", error)
        return data


def looks_for(rule: ApprovalRule) -> str:
    """Return what the rule looks for, in words."""
    if rule.kind == ApprovalKind.WORDS:
        return ", ".join(rule.words)
    return _("above %(amount)s") % {"amount": format_money(rule.limit, rule.currency)}


def written_by(rule: ApprovalRule) -> str:
    """Return whose answers the rule is about."""
    roles = ", ".join(role_label(role) for role in rule.roles) or _("everybody")
    if rule.newer_than_days is None:
        return roles
    days = ngettext("accounts younger than %(count)s day", "accounts younger than %(count)s days", rule.newer_than_days)
    return f"{roles} · {days % {'count': rule.newer_than_days}}"


@admin.register(ApprovalRule)
class ApprovalRuleAdmin(ModelAdmin):
    """Which answers a second person reads before they leave."""

    few_rows = True
    form = ApprovalRuleForm
    list_display = [
        columns.text("name", gettext_lazy("Rule"), order=True),
        columns.computed("kind", gettext_lazy("Looks at"), lambda rule: rule.get_kind_display()),
        columns.computed("what", gettext_lazy("Looks for"), looks_for),
        columns.computed("who", gettext_lazy("Written by"), written_by),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    tabs = [
        Tab("active", pgettext_lazy("rule", "Active"), Q(is_active=True)),
        Tab("all", pgettext_lazy("rule", "All"), count=False),
    ]
    ordering = ["name", "id"]
    search_fields = ["name"]
    fields = ["name", "kind", "words", ("limit", "currency"), "roles", "newer_than_days", "is_active"]
    empty_title = gettext_lazy("No rules yet")
    empty_text = gettext_lazy("Say which answers a second person reads before they leave: by a word, by an amount.")

    def facts(self, request: HttpRequest, obj: ApprovalRule) -> list[tuple[Any, Any]]:
        """Return who may approve: with nobody, answers would wait forever."""
        people = [str(user) for user in users_with_permission("service.approve_reply").order_by("pk")[:10]]
        return [(_("May approve"), ", ".join(people) or _("nobody yet"))]
