"""Rules, reasons, and the words of each step."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.errors import InvalidInput
from core.ui import ModelAdmin, NextAction, Tab, actor, columns, register_next_actions
from core.ui.tabs import capped_text
from returns import services
from returns.models import ReturnReason, ReturnRule, StepMessage
from returns.selectors.rules import PREVIEW_CAP, preview_return_rule
from returns.services.ruling import marks_of
from returns.services.telling import check_text


def _where(rule: ReturnRule) -> str:
    parts = [rule.product, rule.category, rule.product_type, rule.sales_channel]
    said = [str(part) for part in parts if part is not None]
    if rule.jurisdiction:
        said.append(str(rule.get_jurisdiction_display()))
    return " · ".join(said) or "—"


@admin.register(ReturnRule)
class ReturnRuleAdmin(ModelAdmin):
    """What may come back; the lowest rank that fits holds."""

    list_display = [
        columns.number("rank", gettext_lazy("Rank"), order=True),
        columns.text("name", pgettext_lazy("rule", "Name")),
        columns.computed("where", pgettext_lazy("rule", "Holds for"), _where),
        columns.number("extra_days", gettext_lazy("Days beyond the law")),
        columns.computed("ground", gettext_lazy("Cannot be returned"), lambda rule: rule.get_ground_display()),
        columns.number("used", pgettext_lazy("rule", "Used")),
        columns.moment("valid_until", gettext_lazy("Valid until")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    list_display_links = ["name"]
    list_select_related = ("product", "category", "product_type", "sales_channel")
    ordering = ["rank", "id"]
    tabs = [
        Tab("active", pgettext_lazy("rules", "Active"), Q(is_active=True)),
        Tab("inactive", pgettext_lazy("rules", "Switched off"), Q(is_active=False)),
    ]
    search_fields = ["name"]
    few_rows = True
    fields = [
        ("name", "rank"),
        ("product", "category"),
        ("product_type", "sales_channel", "jurisdiction"),
        ("valid_from", "valid_until", "is_active"),
        "reasons",
        ("extra_days", "restocks_as", "ground"),
        ("allows_refund", "allows_exchange", "allows_repair"),
        ("currency", "return_shipping", "fee"),
        "note",
    ]
    filter_horizontal = ["reasons"]
    empty_title = gettext_lazy("Only the law holds")
    empty_text = gettext_lazy(
        "Write a rule for what you take back beyond it, by product, category, channel or country."
    )

    def for_display(self, request: HttpRequest, queryset: QuerySet[ReturnRule]) -> QuerySet[ReturnRule]:
        """Count how often each was used."""
        return queryset.annotate(used=Count("request_lines"))

    def save_model(self, request: HttpRequest, obj: ReturnRule, form: Any, change: Any) -> None:
        """Write it through the service, which refuses what is stricter than the law."""
        columns_ = {field.name for field in obj._meta.concrete_fields}
        changed = [name for name in form.changed_data if name in columns_]
        services.save_return_rule(rule=obj, changed=changed, actor=actor(request))


def what_yields(request: HttpRequest, rule: ReturnRule) -> list[NextAction]:
    """Say what of the rule yields to the law."""
    return [NextAction(said) for said in [_fitted(rule), *marks_of(rule)]]


def _fitted(rule: ReturnRule) -> str:
    """Say which past orders its conditions fit."""
    found = preview_return_rule(rule=rule)
    said = _("Its conditions fit shipped orders of the last %(days)s days: %(orders)s; of %(back)s goods came back.")
    words = {
        "days": found.days,
        "orders": capped_text(found.orders, cap=PREVIEW_CAP),
        "back": capped_text(found.came_back, cap=PREVIEW_CAP),
    }
    return said % words


@admin.register(ReturnReason)
class ReturnReasonAdmin(ModelAdmin):
    """Why things come back."""

    list_display = [
        columns.text("name", gettext_lazy("Reason")),
        columns.computed("fault", gettext_lazy("At fault"), lambda row: row.get_fault_display()),
        columns.computed("payer", gettext_lazy("Pays the way back"), lambda row: row.get_shipping_payer_display()),
        columns.flag("needs_photos", gettext_lazy("Photos")),
        columns.flag("is_for_claims", gettext_lazy("Also without goods")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    ordering = ["position", "id"]
    search_fields = ["code", "name_en", "name_ko", "name_ja"]
    few_rows = True
    fields = [
        ("code", "position"), ("name_ko", "name_ja", "name_en"), ("fault", "shipping_payer"),
        ("needs_photos", "is_for_claims", "is_active"),
    ]  # fmt: skip
    empty_title = gettext_lazy("No reasons")


class StepForm(forms.ModelForm):  # type: ignore[type-arg]
    """Refuses words that name what no case has."""

    def clean(self) -> dict[str, Any]:
        """Check each text."""
        data: dict[str, Any] = super().clean() or {}
        for name in ("body_ko", "body_ja", "body_en"):
            try:
                check_text(text=data.get(name) or "")
            except InvalidInput as error:
                self.add_error(name, str(error))
        return data


@admin.register(StepMessage)
class StepMessageAdmin(ModelAdmin):
    """What customers are told at a step, and who drafts it."""

    form = StepForm
    list_display = [
        columns.computed("step", gettext_lazy("Step"), lambda row: row.get_step_display()),
        columns.computed("mode", gettext_lazy("Drafted"), lambda row: row.get_mode_display()),
        columns.text("body_ko", gettext_lazy("Korean")),
        columns.text("body_ja", gettext_lazy("Japanese")),
        columns.text("body_en", gettext_lazy("English")),
    ]
    ordering = ["id"]
    few_rows = True
    fields = [("step", "mode"), "body_ko", "body_ja", "body_en"]
    empty_title = gettext_lazy("The usual words hold, drafted by hand")
    empty_text = gettext_lazy("Add a step to write other words, or to let its draft be written by itself.")


register_next_actions(ReturnRule, what_yields)
