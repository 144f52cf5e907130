"""Products: their list and their page."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog import services
from catalog.admin import resources
from catalog.admin.finding import FormerNamesMixin
from catalog.models import Product, ProductStatus
from core.admin.tables import TableFilesMixin
from core.display import badge_html
from core.ui import ModelAdmin, Tab, actor, columns, service_action

COLOURS: dict[str, str] = {ProductStatus.DRAFT: "grey", ProductStatus.ACTIVE: "green", ProductStatus.ENDED: "red"}


@admin.register(Product)
class ProductAdmin(FormerNamesMixin, TableFilesMixin, ModelAdmin):
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
    filter_lookups = ["memberships__collection"]  # from the page of a collection
    empty_title = gettext_lazy("No products here")
    empty_text = gettext_lazy("Add one, or import a product file.")

    class Media:
        """Pictures are dragged."""

        css: ClassVar = {"all": ["backoffice/pictures.css", "backoffice/content.css"]}
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

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: Any) -> None:
        """Keep the search text true."""
        super().save_model(request, obj, form, change)
        services.refresh_search_text(product_ids=[obj.pk])

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
