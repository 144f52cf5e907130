"""How sure each class must be in stock, what is ordered otherwise than its class, and what may be spent in a month."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from import_export.fields import Field
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.models import Variant
from core.admin.tables import TableFilesMixin
from core.money import format_money
from core.resources import BulkResource, KeyWidget
from core.ui import ModelAdmin, columns
from inventory.models import Warehouse
from purchasing.admin.forms import AmountModelForm
from purchasing.models import PurchaseBudget, ReorderRule, ServiceLevel
from purchasing.selectors.budgets import BudgetUse, budget_uses


class ServiceLevelResource(BulkResource):
    """Service levels by class."""

    class Meta:
        model = ServiceLevel
        import_id_fields = ["abc", "xyz"]
        fields = ["abc", "xyz", "percent", "cover_days", "is_automatic"]
        name = gettext_lazy("Service levels")


class ReorderRuleResource(BulkResource):
    """Reorder rules by SKU and warehouse."""

    variant = Field(attribute="variant", column_name="variant", widget=KeyWidget(Variant, field="sku"))
    warehouse = Field(attribute="warehouse", column_name="warehouse", widget=KeyWidget(Warehouse, field="code"))
    product_name = Field(attribute="variant__product__name", column_name="product_name", readonly=True)

    class Meta:
        model = ReorderRule
        import_id_fields = ["variant", "warehouse"]
        fields = [
            "variant", "warehouse", "product_name", "reorder_point", "order_up_to", "percent", "is_automatic",
            "is_never",
        ]  # fmt: skip
        name = gettext_lazy("Reorder rules")


def _class(row: ServiceLevel) -> Any:
    return f"{row.abc}{row.xyz}" if row.abc or row.xyz else _("All others")


def _percent(row: Any) -> str:
    return "–" if row.percent is None else f"{row.percent.normalize():f} %"


@admin.register(ServiceLevel)
class ServiceLevelAdmin(TableFilesMixin, ModelAdmin):
    """One row for a class; a letter A, B or C alone holds for what has no row of its own."""

    resource_class = ServiceLevelResource
    few_rows = True
    list_display = [
        columns.computed("class", gettext_lazy("Class"), _class, order="abc"),
        columns.computed("percent", gettext_lazy("Service level"), _percent, css="num", order="percent"),
        columns.number("cover_days", gettext_lazy("One order lasts (days)"), order=True),
        columns.flag("is_automatic", gettext_lazy("Ordered automatically")),
    ]
    ordering = ["abc", "xyz", "id"]
    fields = [("abc", "xyz"), ("percent", "cover_days"), "is_automatic"]
    show_timeline = False
    empty_title = gettext_lazy("Everything is held at 95 %")
    empty_text = gettext_lazy("Say by class how sure it must be in stock: A 98 %, B 95 %, C 90 %, for example.")


@admin.register(ReorderRule)
class ReorderRuleAdmin(TableFilesMixin, ModelAdmin):
    """What a manager wants otherwise than the class."""

    resource_class = ReorderRuleResource
    list_display = [
        columns.two_lines("variant.sku", lambda row: row.variant.label, "SKU", order="variant__sku"),
        columns.text("warehouse.name", gettext_lazy("Warehouse")),
        columns.number("reorder_point", gettext_lazy("Reorder point"), order=True),
        columns.number("order_up_to", gettext_lazy("Order up to"), order=True),
        columns.computed("percent", gettext_lazy("Service level"), _percent, css="num"),
        columns.flag("is_automatic", gettext_lazy("Ordered automatically")),
        columns.flag("is_never", gettext_lazy("Never reordered")),
    ]
    list_select_related = ("variant__product", "warehouse")
    list_filter = ["warehouse", "is_never", "is_automatic"]
    search_fields = ["variant__search_text"]
    exact_search_fields = ["variant__sku", "variant__barcode"]
    ordering = ["variant__sku", "warehouse_id", "id"]
    autocomplete_fields = ["variant"]
    fields = [("variant", "warehouse"), ("reorder_point", "order_up_to"), ("percent", "is_automatic"), "is_never"]
    empty_title = gettext_lazy("Everything follows its class")
    empty_text = gettext_lazy("A rule fixes levels for one product in one warehouse, or has it never reordered.")

    def get_readonly_fields(self, request: HttpRequest, obj: ReorderRule | None = None) -> Sequence[str]:
        """A rule stays with its variant and warehouse."""
        return [] if obj is None else ["variant", "warehouse"]


class BudgetForm(AmountModelForm):
    """The budget of a month, named by any of its days."""

    amount_name = "amount"
    amount = forms.CharField(
        label=gettext_lazy("Amount"), max_length=20, widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"})
    )

    class Meta:
        model = PurchaseBudget
        fields = ("month", "supplier", "currency", "amount")

    def clean_month(self) -> date:
        """Return the first day of the month."""
        day: date = self.cleaned_data["month"]
        return day.replace(day=1)


def _month(row: PurchaseBudget) -> str:
    return date_format(row.month, "YEAR_MONTH_FORMAT")


@admin.register(PurchaseBudget)
class PurchaseBudgetAdmin(ModelAdmin):
    """What may be ordered in a month, in all or at one supplier."""

    form = BudgetForm
    list_display = [
        columns.computed("month", pgettext_lazy("calendar", "Month"), _month, order="month"),
        columns.computed("supplier", gettext_lazy("Supplier"), lambda row: row.supplier or _("All suppliers")),
        columns.money("amount", gettext_lazy("Amount")),
    ]
    list_select_related = ("supplier",)
    ordering = ["-month", "supplier_id", "id"]
    autocomplete_fields = ["supplier"]
    fields = [("month", "supplier"), ("currency", "amount")]
    show_timeline = False
    empty_title = gettext_lazy("No budgets yet")
    empty_text = gettext_lazy("With a budget, the most urgent proposals go first and what is too much is marked.")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with this month."""
        first = timezone.localdate().replace(day=1)
        return {"month": first, **super().get_changeform_initial_data(request)}

    def facts(self, request: HttpRequest, obj: PurchaseBudget) -> Sequence[tuple[Any, Any]]:
        """Return what is left of it, while its month runs."""
        uses: Mapping[int, BudgetUse] = {use.budget.pk: use for use in budget_uses()}
        use = uses.get(obj.pk)
        shown: list[tuple[Any, Any]] = [
            (pgettext_lazy("calendar", "Month"), _month(obj)), (_("Supplier"), obj.supplier or _("All suppliers")),
            (_("Amount"), format_money(obj.amount, obj.currency)),
        ]  # fmt: skip
        if use is not None:
            shown += [
                (pgettext_lazy("budget", "Ordered"), format_money(use.ordered, obj.currency)),
                (pgettext_lazy("budget", "Left"), format_money(use.left, obj.currency)),
                (_("Proposed"), format_money(use.proposed, obj.currency)),
            ]
        return shown

    def has_view_permission(self, request: HttpRequest, obj: PurchaseBudget | None = None) -> bool:
        """Show it to those who may see what goods cost."""
        return super().has_view_permission(request, obj) and request.user.has_perm("purchasing.view_costs")

    def save_model(self, request: HttpRequest, obj: PurchaseBudget, form: Any, change: Any) -> None:
        """Keep the amount as it was read."""
        obj.amount = form.cleaned_data.get("amount", obj.amount)
        super().save_model(request, obj, form, change)
