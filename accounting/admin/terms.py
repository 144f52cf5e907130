"""What channels take and bear, and what was spent on advertising; a change is worked into profits at once."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounting import services
from accounting.models import AdCost, ChannelTerms, FeeRule
from accounting.selectors.fee_preview import preview_of
from core.display import moment_text
from core.money import format_money
from core.ui import ModelAdmin, Panel, actor, columns, register_panel, service_action

FEE_COLOURS = {"commission": "blue", "payment": "violet", "other": "grey"}


def _percent(basis_points: int) -> str:
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d} %"


def _takes(rule: FeeRule) -> str:
    parts = [_percent(rule.basis_points)] if rule.basis_points else []
    parts += [format_money(rule.fixed, rule.currency)] if rule.fixed else []
    return " + ".join(parts) or "0"


def _about(rule: FeeRule) -> str:
    return str(rule.product or rule.category or _("everything"))


def _days(row: Any) -> str:
    return f"{moment_text(row.starts_on)} – {moment_text(row.ends_on) if row.ends_on else ''}"


@admin.register(FeeRule)
class FeeRuleAdmin(ModelAdmin):
    """Dated rules from which fees are estimated until the statement comes."""

    list_display = [
        columns.text("sales_channel.name", gettext_lazy("Channel")),
        columns.badge("kind", pgettext_lazy("fee", "Kind"), colours=FEE_COLOURS),
        columns.computed("about", gettext_lazy("Of"), _about, related=("product", "category")),
        columns.computed("takes", gettext_lazy("Takes"), _takes, css="num"),
        columns.money("minimum", gettext_lazy("At least")),
        columns.computed("days", gettext_lazy("Days"), _days),
    ]
    list_filter = ["sales_channel", "kind"]
    fields = [
        "sales_channel", "kind", "category", "product", "basis_points", "fixed", "minimum", "currency",
        "is_of_shipping", "starts_on", "ends_on",
    ]  # fmt: skip
    show_timeline = False
    empty_title = gettext_lazy("No fee rules")
    empty_text = gettext_lazy("Without rules no fee is expected until the statement of the channel comes.")

    @service_action(
        gettext_lazy("Apply to past orders"),
        permission="accounting.compute_profit",
        icon="sync",
        question=gettext_lazy("Profits of what was ordered on the channel since this rule began are worked out anew."),
    )
    def apply(self, request: HttpRequest, obj: FeeRule, data: dict[str, Any]) -> str:
        """Have the orders worked out anew that the rule is about."""
        count = services.queue_channels(
            channel_ids=[obj.sales_channel_id], since=obj.starts_on, until=obj.ends_on, actor=actor(request)
        )
        return _("Orders to be worked out anew: %(count)s") % {"count": count}


def rule_preview(_request: HttpRequest, rule: FeeRule) -> dict[str, Any] | None:
    """Give what the rule would have taken of past lines, beside what was settled."""
    preview = preview_of(rule)
    return {"preview": preview, "currency": rule.currency} if preview.lines else None


register_panel(
    FeeRule,
    Panel("preview", gettext_lazy("On past orders"), "accounting/panels/fee_preview.html", rule_preview, position=10,
          wide=True),
)  # fmt: skip


@admin.register(ChannelTerms)
class ChannelTermsAdmin(ModelAdmin):
    """How channels settle."""

    few_rows = True
    list_display = [
        columns.text("sales_channel.name", gettext_lazy("Channel")),
        columns.text("starts_on", gettext_lazy("From"), order=True),
        columns.computed("share", gettext_lazy("Bears of discounts"), lambda row: _percent(row.discount_share)),
        columns.number("settles_after_days", gettext_lazy("Settles after (days)")),
        columns.money("packaging", gettext_lazy("Packaging"), currency="sales_channel.currency"),
    ]
    fields = ["sales_channel", "starts_on", "discount_share", "settles_after_days", "tolerance", "packaging"]
    show_timeline = False
    empty_title = gettext_lazy("No terms")
    empty_text = gettext_lazy("Without terms the shop bears all discounts, and statements come 14 days after shipping.")


@admin.register(AdCost)
class AdCostAdmin(ModelAdmin):
    """What was spent on advertising."""

    list_display = [
        columns.two_lines("campaign", "product.name", gettext_lazy("Campaign")),
        columns.text("sales_channel.name", gettext_lazy("Channel")),
        columns.computed("days", gettext_lazy("Days"), _days),
        columns.money("amount", gettext_lazy("Amount"), order=True),
    ]
    list_filter = ["sales_channel"]
    search_fields = ["campaign"]
    fields = ["sales_channel", "product", "campaign", "starts_on", "ends_on", "amount", "currency"]
    show_timeline = False
    empty_title = gettext_lazy("No costs of advertising")
    empty_text = gettext_lazy("Write what a campaign cost in some days; it is spread over what was sold then.")

    def save_model(self, request: HttpRequest, obj: AdCost, form: Any, change: Any) -> None:
        """Keep it and spread it over what was sold in its days."""
        super().save_model(request, obj, form, change)
        services.spread_ads(ad_cost_ids=[obj.pk])
