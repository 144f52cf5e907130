"""SKUs and their codes."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from catalog import services
from catalog.admin import resources
from catalog.admin.finding import FormerNamesMixin
from catalog.models import Variant, VariantCode
from catalog.services.products.editing import lock_goods
from core.admin.tables import TableFilesMixin
from core.display import badge_html
from core.ui import ModelAdmin, actor, columns
from core.ui.countries import CountryField

SEEN = ("name", "barcode", "weight_g", "length_mm", "width_mm", "height_mm", "hs_code", "origin_country", "is_active")


def size_text(variant: Variant) -> str:
    """Return the size as people read it, "30 × 20 × 4.5 cm"; a side that nobody measured is a dash."""
    sides = [variant.length_mm, variant.width_mm, variant.height_mm]
    if not any(sides):
        return ""
    return " × ".join(f"{side / 10:g}" if side else "–" for side in sides) + " cm"


def weight_text(variant: Variant) -> str:
    """Return the weight in grams, from a kilogram on in kilograms."""
    if variant.weight_g is None:
        return ""
    return f"{variant.weight_g} g" if variant.weight_g < 1000 else f"{variant.weight_g / 1000:g} kg"


@admin.register(Variant)
class VariantAdmin(FormerNamesMixin, TableFilesMixin, ModelAdmin):
    """SKUs."""

    resource_class = resources.VariantResource

    list_display = [
        columns.two_lines("sku", lambda variant: variant.label, "SKU", order=True),
        columns.text("barcode", gettext_lazy("Barcode")),
        columns.computed("weight", pgettext_lazy("variant", "Weight"), weight_text, css="num"),
        columns.computed("size", gettext_lazy("Size"), size_text),
        columns.text("hs_code", gettext_lazy("HS code")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    list_select_related = ("product",)
    ordering = ["sku", "id"]
    list_filter = ["is_active"]
    exact_search_fields = ["sku", "barcode", "codes__code"]
    autocomplete_fields = ["product"]
    fieldsets = [
        (None, {"fields": ["product", ("sku", "name"), ("barcode", "is_active")]}),
        (
            gettext_lazy("Size and customs"),
            {"fields": [("weight_g", "length_mm"), ("width_mm", "height_mm"), ("hs_code", "origin_country")]},
        ),
    ]
    empty_title = gettext_lazy("No variants here")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer countries by name."""
        if db_field.name == "origin_country":
            return CountryField(label=capfirst(db_field.verbose_name), required=False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def facts(self, request: HttpRequest, obj: Variant) -> Sequence[tuple[Any, Any]]:
        """Return what one looks for first."""
        state = badge_html(_("Active"), "green") if obj.is_active else badge_html(_("Switched off"), "grey")
        shown = [
            (_("Product"), obj.product),
            (pgettext("variant", "Weight"), weight_text(obj)),
            (_("Size"), size_text(obj)),
        ]
        return [(_("Status"), state), *((label, value) for label, value in shown if value)]

    def _changeform_view(
        self, request: HttpRequest, object_id: str | None, form_url: str, extra_context: Any
    ) -> HttpResponse:
        """Lock the product before the variant, as everybody does who changes goods."""
        if request.method == "POST" and object_id is not None and self._may_be_a_key(unquote(object_id)):
            owners = Variant.objects.filter(pk=unquote(object_id)).values_list("product_id", flat=True)
            lock_goods(product_ids=list(owners), variant_ids=[])
        response: HttpResponse = super()._changeform_view(request, object_id, form_url, extra_context)
        return response

    def save_model(self, request: HttpRequest, obj: Variant, form: Any, change: Any) -> None:
        """Keep the search text true; what a reviewer saw is not approved any more."""
        super().save_model(request, obj, form, change)
        touched = {obj.product_id}
        if change and "product" in form.changed_data:
            touched.add(int(form.initial["product"]))  # what it left is not what was approved either
        services.refresh_search_text(product_ids=sorted(touched))
        if not change or set(form.changed_data) & {"sku", "product", *SEEN}:
            services.content_changed(product_ids=sorted(touched), parts=["variants"], actor=actor(request))


@admin.register(VariantCode)
class VariantCodeAdmin(TableFilesMixin, ModelAdmin):
    """What the malls call our SKUs."""

    resource_class = resources.VariantCodeResource

    deletable = True
    list_display = [
        columns.text("code", gettext_lazy("Code"), order=True),
        "kind",
        columns.text("sales_channel.name", gettext_lazy("Sales channel")),
        columns.link("variant.sku", "SKU", to="catalog_variant", key="variant_id"),
    ]
    search_fields = ["code"]
    exact_search_fields = ["code", "variant__sku"]
    ordering = ["code", "id"]
    list_filter = ["kind", "sales_channel"]
    autocomplete_fields = ["variant"]
    fields = ["code", ("kind", "sales_channel"), "variant"]
