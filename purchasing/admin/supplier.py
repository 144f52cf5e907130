"""Suppliers, what they sell, and up to which total orders need nobody's approval."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.admin.tables import TableFilesMixin
from core.countries import country_name
from core.display import badge_html
from core.models import TableImport
from core.money import format_money
from core.resources.transfer import Table
from core.ui import Answer, ModelAdmin, Tab, actor, columns, link_action, service_action
from core.ui.countries import CountryFilter, CountryMixin
from purchasing import policies, services
from purchasing.admin import forms, resources
from purchasing.importing import name_supplier
from purchasing.models import ApprovalLimit, ExchangeRate, Supplier, SupplierItem
from purchasing.selectors.late_rates import receipts_with_late_rates
from purchasing.services.supplying import ENDED


@admin.register(Supplier)
class SupplierAdmin(TableFilesMixin, CountryMixin, ModelAdmin):
    """Companies that goods are bought from."""

    resource_class = resources.SupplierResource
    form = forms.SupplierForm

    list_display = [
        columns.two_lines("name", "code", gettext_lazy("Supplier"), order=True),
        columns.country("country", gettext_lazy("Country")),
        columns.text("currency", gettext_lazy("Currency")),
        columns.number("lead_days", gettext_lazy("Lead time (days)"), order=True),
        columns.number("item_count", gettext_lazy("Items")),
        columns.number("open_count", gettext_lazy("Open orders")),
        columns.flag("may_order_automatically", pgettext_lazy("supplier", "Automatic")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    tabs = [
        Tab("active", pgettext_lazy("supplier", "Active"), Q(is_active=True)),
        Tab("inactive", pgettext_lazy("supplier", "Not active"), Q(is_active=False), count=False),
        Tab("all", pgettext_lazy("supplier", "All"), count=False),
    ]
    ordering = ["name", "id"]
    list_filter = [("country", CountryFilter), "currency"]
    search_fields = ["name", "code", "registration_number"]
    exact_search_fields = ["code", "registration_number"]
    empty_title = gettext_lazy("No suppliers here")
    empty_text = gettext_lazy("Register the companies that you buy from, or import them from a file.")

    class Media:
        """Bars and tables of orders."""

        css: ClassVar = {"all": ["backoffice/purchasing.css"]}

    fieldsets = [
        (
            None,
            {"fields": [("code", "name"), ("country", "registration_number"), ("language", "currency")]},
        ),
        (
            gettext_lazy("Terms"),
            {"fields": [("lead_days", "payment_days", "minimum_amount"), "may_order_automatically"]},
        ),
        (gettext_lazy("Contact"), {"fields": [("contact_name", "phone"), "email", "address", "note"]}),
    ]

    def for_display(self, request: HttpRequest, queryset: QuerySet[Supplier]) -> QuerySet[Supplier]:
        """Count what each sells and what is open there."""
        return queryset.annotate(
            item_count=Count("items", filter=Q(items__is_active=True), distinct=True),
            open_count=Count("orders", filter=~Q(orders__state__in=ENDED), distinct=True),
        )

    def facts(self, request: HttpRequest, obj: Supplier) -> Sequence[tuple[Any, Any]]:
        """Return who it is and how it delivers."""
        state = badge_html(_("Active"), "green") if obj.is_active else badge_html(_("Not active"), "grey")
        return [
            (_("Status"), state),
            (_("Country"), country_name(obj.country)),
            *([(_("Registration number"), obj.registration_number)] if obj.registration_number else []),
            (_("Lead time"), ngettext("%(count)s day", "%(count)s days", obj.lead_days) % {"count": obj.lead_days}),
            (_("Minimum order"), format_money(obj.minimum_amount, obj.currency) if obj.minimum_amount else "–"),
        ]

    def save_model(self, request: HttpRequest, obj: Supplier, form: Any, change: Any) -> None:
        """Register or change the supplier through the service."""
        data = form.cleaned_data
        if not change:
            obj.pk = services.create_supplier(values=data, actor=actor(request)).pk
            return
        changes = {name: data[name] for name in form.changed_data if name in data}
        services.update_supplier(supplier_id=obj.pk, changes=changes, actor=actor(request))

    @service_action(
        gettext_lazy("Switch off"),
        permission="purchasing.change_supplier",
        icon="toggle_off",
        question=gettext_lazy("Order nothing there any more? Open orders go on."),
        available=lambda user, supplier: supplier.is_active,
        is_rare=True,
    )
    def switch_off(self, request: HttpRequest, obj: Supplier, data: dict[str, Any]) -> Answer:
        """Let nobody order there."""
        left = services.switch_supplier(supplier_id=obj.pk, is_active=False, actor=actor(request))
        said = _("%(supplier)s is not ordered from any more.") % {"supplier": obj.name}
        if not left:
            return Answer(said)
        rest = ngettext("%(count)s order there is still open.", "%(count)s orders there are still open.", left)
        return Answer(f"{said} {rest % {'count': left}}", level="warning")

    price_list = link_action(
        "price_list",
        gettext_lazy("Upload price list"),
        permission="purchasing.change_supplieritem",
        link=lambda supplier: f"{reverse('admin:purchasing_supplieritem_import')}?supplier={supplier.code}",
        icon="upload_file",
        available=lambda user, supplier: policies.can_write_items(user) and user.has_perm("core.import_data"),
    )

    @service_action(
        gettext_lazy("Switch on"),
        permission="purchasing.change_supplier",
        icon="toggle_on",
        question=gettext_lazy("Order there again?"),
        available=lambda user, supplier: not supplier.is_active,
    )
    def switch_on(self, request: HttpRequest, obj: Supplier, data: dict[str, Any]) -> str:
        """Let people order there again."""
        services.switch_supplier(supplier_id=obj.pk, is_active=True, actor=actor(request))
        return _("%(supplier)s can be ordered from.") % {"supplier": obj.name}


@admin.register(SupplierItem)
class SupplierItemAdmin(TableFilesMixin, ModelAdmin):
    """Variants as suppliers sell them."""

    resource_class = resources.PriceListResource
    import_form_class = forms.PriceListForm

    list_display = [
        columns.two_lines("variant.sku", lambda item: item.variant.label, "SKU", order="variant__sku"),
        columns.text("supplier.name", gettext_lazy("Supplier")),
        columns.two_lines("code", "name", gettext_lazy("Supplier's code")),
        columns.number("pack_size", gettext_lazy("Pack")),
        columns.number("minimum", gettext_lazy("Minimum")),
        columns.computed(
            "lead",
            gettext_lazy("Lead time (days)"),
            lambda item: item.supplier.lead_days if item.lead_days is None else item.lead_days,
            css="num",
        ),
        columns.flag("is_preferred", gettext_lazy("Preferred")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    ordering = ["id"]
    list_filter = ["supplier", "is_preferred", "is_active"]
    filter_lookups = ["variant__id__exact"]
    search_fields = ["code", "name", "variant__sku"]
    exact_search_fields = ["code", "variant__sku", "variant__barcode"]
    fields = ["supplier", "variant", "code", "name", ("pack_size", "minimum"), ("lead_days", "shelf_life_days"),
              "is_active"]  # fmt: skip
    show_timeline = False
    empty_title = gettext_lazy("No items here")
    empty_text = gettext_lazy("Say what a supplier sells, or import its price list.")

    def import_initial(self, request: HttpRequest) -> dict[str, Any]:
        """Choose the supplier from whose page one comes."""
        return {"supplier": request.GET.get("supplier", "")}

    def read_import(self, row: TableImport, limit: int | None = None) -> Table:
        """Read the file; every row of it is of the chosen supplier."""
        table = super().read_import(row, limit)
        if chosen := row.options.get("supplier"):
            name_supplier(table.dataset, chosen)
        return table

    def check_import(self, row: TableImport) -> None:
        """Refuse also a list that names another supplier than the chosen one."""
        super().check_import(row)
        if row.options.get("supplier"):
            self.read_import(row)

    def scope(self, request: HttpRequest, queryset: QuerySet[SupplierItem]) -> QuerySet[SupplierItem]:
        """Select what every row shows."""
        return queryset.select_related("variant__product", "supplier")

    def get_readonly_fields(self, request: HttpRequest, obj: SupplierItem | None = None) -> Sequence[str]:
        """Whose item it is stays."""
        fixed = list(super().get_readonly_fields(request, obj))
        return [*fixed, "supplier", "variant"] if obj else fixed

    def has_change_permission(self, request: HttpRequest, obj: SupplierItem | None = None) -> bool:
        """Terms are changed by people who see what goods cost."""
        return super().has_change_permission(request, obj) and policies.can_see_costs(actor(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Terms are written by people who see what goods cost."""
        return super().has_add_permission(request) and policies.can_see_costs(actor(request))

    def facts(self, request: HttpRequest, obj: SupplierItem) -> Sequence[tuple[Any, Any]]:
        """Return what it is."""
        preferred = badge_html(_("Preferred"), "green") if obj.is_preferred else badge_html(_("Second source"), "grey")
        return [("SKU", obj.variant.sku), (_("Product"), obj.variant.label), (_("Supplier"), obj.supplier),
                (_("Choice"), preferred)]  # fmt: skip

    def save_model(self, request: HttpRequest, obj: SupplierItem, form: Any, change: Any) -> None:
        """Make or change the item through the service."""
        data = form.cleaned_data
        changes = {name: data[name] for name in (form.changed_data if change else data) if name in data}
        supplier, variant = changes.pop("supplier", obj.supplier), changes.pop("variant", obj.variant)
        item = services.save_supplier_item(
            supplier_id=supplier.pk, variant_id=variant.pk, changes=changes, actor=actor(request)
        )
        obj.pk = item.pk

    @service_action(
        gettext_lazy("Set price"),
        permission="purchasing.change_supplieritem",
        form=forms.PriceForm,
        icon="sell",
        variant="primary",
        available=lambda user, item: policies.can_write_items(user),
        initial=forms.price_initial,
    )
    def set_price(self, request: HttpRequest, obj: SupplierItem, data: dict[str, Any]) -> str:
        """Add or change one price break."""
        services.set_price_breaks(breaks={obj.pk: [data["break"]]}, actor=actor(request))
        return _("The price is %(price)s from %(count)s pieces on.") % {
            "price": format_money(data["price"], obj.supplier.currency),
            "count": data["from_quantity"],
        }

    @service_action(
        gettext_lazy("Prefer"),
        permission="purchasing.change_supplieritem",
        icon="star",
        question=gettext_lazy("Order this product here first? Another supplier loses the preference."),
        available=lambda user, item: not item.is_preferred and policies.can_write_items(user),
    )
    def prefer(self, request: HttpRequest, obj: SupplierItem, data: dict[str, Any]) -> str:
        """Make it the first choice of its variant."""
        services.save_supplier_item(
            supplier_id=obj.supplier_id, variant_id=obj.variant_id, changes={"is_preferred": True}, actor=actor(request)
        )
        return _("%(sku)s is now ordered at %(supplier)s first.") % {
            "sku": obj.variant.sku,
            "supplier": obj.supplier.name,
        }


@admin.register(ApprovalLimit)
class ApprovalLimitAdmin(ModelAdmin):
    """Up to which total an order needs no second person; without a row every order does."""

    form = forms.LimitForm
    deletable = False
    list_display = [
        columns.text("currency", gettext_lazy("Currency")),
        columns.money("amount", gettext_lazy("Approved at once up to")),
    ]
    ordering = ["currency"]
    fields = ["currency", "amount"]
    show_timeline = False
    empty_title = gettext_lazy("Every order needs approval")
    empty_text = gettext_lazy("Set a limit for a currency: smaller orders then need no second person.")

    def save_model(self, request: HttpRequest, obj: ApprovalLimit, form: Any, change: Any) -> None:
        """Keep the amount as it was read."""
        obj.amount = form.cleaned_data.get("amount", obj.amount)
        super().save_model(request, obj, form, change)


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ModelAdmin):
    """What foreign money is worth, from a day on."""

    list_display = [
        columns.text("currency", gettext_lazy("Currency")),
        columns.moment("starts_on", pgettext_lazy("moment", "From")),
        columns.text("rate", pgettext_lazy("currency", "Rate"), css="num"),
    ]
    ordering = ["currency", "-starts_on", "id"]
    list_filter = ["currency"]
    fields = ["currency", "starts_on", "rate"]
    show_timeline = False
    empty_title = gettext_lazy("No exchange rates yet")
    empty_text = gettext_lazy("Goods bought in another currency need one before they can be valued.")

    def save_model(self, request: HttpRequest, obj: ExchangeRate, form: Any, change: Any) -> None:
        """Say what was valued by another rate before, and where to value it again."""
        super().save_model(request, obj, form, change)
        count = receipts_with_late_rates().filter(order__currency=obj.currency).count()
        if count and policies.can_set_costs(actor(request)):
            told = ngettext(
                "%(count)d goods receipt is not valued by this rate.",
                "%(count)d goods receipts are not valued by this rate.",
                count,
            )
            link = format_html(
                '{} <a href="{}">{}</a>', told % {"count": count}, reverse("admin:purchasing_late_rates"),
                _("Value again"),
            )  # fmt: skip
            messages.warning(request, link)
