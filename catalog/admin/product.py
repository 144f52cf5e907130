"""Products, their variants, prices and pictures."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from catalog import services
from catalog.admin import resources
from catalog.models import Category, Price, Product, ProductStatus, ProductText, SalesChannel, Variant, VariantCode
from core.admin.tables import TableFilesMixin
from core.display import badge_html
from core.ui import ModelAdmin, Tab, TabularInline, actor, columns, service_action
from core.ui.countries import CountryMixin
from staff.models import Language

COLOURS: dict[str, str] = {ProductStatus.DRAFT: "grey", ProductStatus.ACTIVE: "green", ProductStatus.ENDED: "red"}


class ProductTextForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no parameter
    """One text in a language of the screens."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=Language.choices, widget=UnfoldAdminSelectWidget
    )


class ProductTextInline(TabularInline):
    """Title and description per language."""

    model = ProductText
    form = ProductTextForm
    fields = ("language", "title", "description")
    verbose_name_plural = gettext_lazy("Texts")


@admin.register(Product)
class ProductAdmin(TableFilesMixin, ModelAdmin):
    """What we sell."""

    resource_class = resources.ProductResource

    list_display = [
        columns.thumbnail("thumbnail_path"),
        columns.two_lines("name", "code", gettext_lazy("Product"), order=True),
        columns.badge("status", gettext_lazy("Status"), colours=COLOURS),
        columns.text("category.name", gettext_lazy("Category")),
        columns.text("brand", gettext_lazy("Brand")),
        columns.number("variant_count", gettext_lazy("Variants")),
        columns.moment("updated_at", gettext_lazy("Changed")),
    ]
    list_display_links = ["name"]
    ordering = ["-id"]
    tabs = [
        Tab("active", ProductStatus.ACTIVE.label, Q(status=ProductStatus.ACTIVE)),
        Tab("draft", ProductStatus.DRAFT.label, Q(status=ProductStatus.DRAFT), empty=gettext_lazy("No drafts.")),
        Tab(
            "ended",
            ProductStatus.ENDED.label,
            Q(status=ProductStatus.ENDED),
            empty=gettext_lazy("No product has ended."),
        ),
        Tab(
            "no_picture",
            gettext_lazy("Without a picture"),
            Q(status=ProductStatus.ACTIVE, image_path=""),
            empty=gettext_lazy("Every product on sale has its picture. Well done."),
        ),
        Tab("all", pgettext_lazy("product", "All"), count=False),
    ]
    list_filter = ["category", "brand"]
    exact_search_fields = ["code"]
    autocomplete_fields = ["category"]
    fields = ["code", "name", "category", "brand"]
    inlines = [ProductTextInline]
    empty_title = gettext_lazy("No products here")
    empty_text = gettext_lazy("Add one, or import a product file.")

    class Media:
        """Pictures are dragged."""

        css: ClassVar = {"all": ["backoffice/pictures.css"]}
        js = ("backoffice/pictures.js",)

    def for_display(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        """Count the variants of the page's rows."""
        return queryset.annotate(variant_count=Count("variants"))

    def facts(self, request: HttpRequest, obj: Product) -> Sequence[tuple[Any, Any]]:
        """Return the state first."""
        return [
            (_("Status"), badge_html(obj.get_status_display(), COLOURS[ProductStatus(obj.status)])),
            (_("Product code"), obj.code),
            (_("Category"), obj.category or "–"),
        ]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Keep the search text true after texts changed."""
        super().save_related(request, form, formsets, change)
        services.refresh_search_text(product_ids=[form.instance.pk])

    @service_action(
        gettext_lazy("Put on sale"),
        permission="catalog.change_product",
        icon="storefront",
        variant="primary",
        question=gettext_lazy("Put the product on sale?"),
        available=lambda user, product: product.status != ProductStatus.ACTIVE,
    )
    def activate(self, request: HttpRequest, obj: Product, data: dict[str, Any]) -> str:
        """Start selling."""
        services.activate_product(product_id=obj.pk, actor=actor(request))
        return _("%(name)s is on sale.") % {"name": obj.name}

    @service_action(
        gettext_lazy("End sale"),
        permission="catalog.change_product",
        icon="block",
        question=gettext_lazy("Stop selling the product? Orders already placed go on."),
        available=lambda user, product: product.status == ProductStatus.ACTIVE,
    )
    def end(self, request: HttpRequest, obj: Product, data: dict[str, Any]) -> str:
        """Stop selling."""
        services.end_product(product_id=obj.pk, actor=actor(request))
        return _("%(name)s is no longer sold.") % {"name": obj.name}


@admin.register(Variant)
class VariantAdmin(TableFilesMixin, ModelAdmin):
    """SKUs."""

    resource_class = resources.VariantResource

    list_display = [
        columns.two_lines("sku", lambda variant: variant.label, "SKU", order=True),
        columns.text("barcode", gettext_lazy("Barcode")),
        columns.number("weight_g", gettext_lazy("Weight (g)")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    list_select_related = ("product",)
    ordering = ["sku", "id"]
    list_filter = ["is_active"]
    exact_search_fields = ["sku", "barcode"]
    autocomplete_fields = ["product"]
    fields = ["product", "sku", "name", "barcode", "weight_g", "is_active"]
    empty_title = gettext_lazy("No variants here")

    def save_model(self, request: HttpRequest, obj: Variant, form: Any, change: Any) -> None:
        """Keep the search text true."""
        super().save_model(request, obj, form, change)
        services.refresh_search_text(product_ids=[obj.product_id])


@admin.register(Category)
class CategoryAdmin(TableFilesMixin, ModelAdmin):
    """The tree of goods."""

    resource_class = resources.CategoryResource

    list_display = [
        columns.text("name", gettext_lazy("Name"), order=True),
        columns.text("parent.name", gettext_lazy("Parent category")),
        columns.number("position", gettext_lazy("Position"), order=True),
    ]
    search_fields = ["name"]
    ordering = ["position", "name", "id"]
    autocomplete_fields = ["parent"]
    fields = ["parent", "name", "position"]


@admin.register(SalesChannel)
class SalesChannelAdmin(TableFilesMixin, CountryMixin, ModelAdmin):
    """Shops and malls."""

    resource_class = resources.SalesChannelResource

    few_rows = True
    list_display = [
        columns.two_lines("name", "code", gettext_lazy("Sales channel"), order=True),
        columns.computed("kind", gettext_lazy("Kind"), lambda channel: channel.get_kind_display()),
        columns.text("currency", gettext_lazy("Currency")),
        columns.country("country", gettext_lazy("Country")),
        columns.number("ship_within_days", gettext_lazy("Ships within (days)")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    search_fields = ["name", "code"]
    ordering = ["name", "id"]
    fields = [
        "code",
        "name",
        "kind",
        "currency",
        "country",
        "time_zone",
        "ship_within_days",
        "is_active",
    ]


@admin.register(VariantCode)
class VariantCodeAdmin(TableFilesMixin, ModelAdmin):
    """What the malls call our SKUs."""

    resource_class = resources.VariantCodeResource

    deletable = True
    list_display = [
        columns.text("code", gettext_lazy("Code"), order=True),
        columns.text("sales_channel.name", gettext_lazy("Sales channel")),
        columns.link("variant.sku", "SKU", to="catalog_variant", key="variant_id"),
    ]
    search_fields = ["code"]
    exact_search_fields = ["code", "variant__sku"]
    ordering = ["code", "id"]
    list_filter = ["sales_channel"]
    autocomplete_fields = ["variant"]
    fields = ["code", "sales_channel", "variant"]


@admin.register(Price)
class PriceAdmin(TableFilesMixin, ModelAdmin):
    """Prices with their periods; a new price is set with the button of the variant."""

    resource_class = resources.PriceResource

    list_display = [
        columns.link("variant.sku", "SKU", to="catalog_variant", key="variant_id"),
        columns.text("sales_channel.name", gettext_lazy("Sales channel")),
        columns.money("amount", gettext_lazy("Price")),
        columns.money("compare_at", gettext_lazy("Price before")),
        columns.moment("starts_at", gettext_lazy("From")),
        columns.moment("ends_at", gettext_lazy("Until")),
    ]
    list_display_links = None
    search_fields = ["variant__sku"]
    exact_search_fields = ["variant__sku"]
    ordering = ["-id"]
    list_filter = ["sales_channel"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Prices follow one another without gaps or overlaps: services set them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A price that was shown stays as it was."""
        return False
