"""Products: their list and their page."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog import services
from catalog.admin.brand import BrandFilter
from catalog.admin.finding import FormerNamesMixin
from catalog.admin.listing import ListingButtons
from catalog.admin.obstacles import ProblemFilter
from catalog.admin.product_import import ProductFilesMixin
from catalog.admin.review import ReviewButtons
from catalog.fields import part, parts_of_columns
from catalog.models import Product, ProductStatus
from catalog.selectors.reviewing import open_comments
from catalog.selectors.sellable import not_sellable
from catalog.services.products.tagging import tidy_tags
from core.display import badge_html
from core.errors import InvalidInput
from core.ui import ModelAdmin, Tab, actor, columns

COLOURS: dict[str, str] = {
    ProductStatus.DRAFT: "grey",
    ProductStatus.IN_REVIEW: "amber",
    ProductStatus.CHANGES_REQUESTED: "violet",
    ProductStatus.APPROVED: "blue",
    ProductStatus.ACTIVE: "green",
    ProductStatus.ENDED: "red",
}


class TagsField(forms.CharField):
    """Tags with commas between them."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        """Show a list as people write it."""
        return ", ".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare tags, not their spelling as one text."""
        return list(initial or []) != [tag for tag in (word.strip() for word in (data or "").split(",")) if tag]

    def clean(self, value: Any) -> list[str]:
        """Return the tags tidied; say which one cannot be."""
        try:
            return tidy_tags((super().clean(value) or "").split(","))
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from error


class ProductForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no parameter
    """What describes a product; what its reviewer wants changed stands beside the field."""

    tags = TagsField(
        label=gettext_lazy("Tags"), required=False, max_length=4000, help_text=gettext_lazy("With commas between them.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None or self.instance.status != ProductStatus.CHANGES_REQUESTED:
            return
        for comment in open_comments(self.instance.pk).select_related("author"):
            name = next((name for name in part(comment.field).columns if name in self.fields), None)
            if name is not None:
                said = format_html('<span class="remark-here">{}: {}</span>', comment.author, comment.text)
                self.fields[name].help_text = said


@admin.register(Product)
class ProductAdmin(ListingButtons, ReviewButtons, FormerNamesMixin, ProductFilesMixin, ModelAdmin):
    """What we sell."""

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
            "in_review",
            ProductStatus.IN_REVIEW.label,
            Q(status=ProductStatus.IN_REVIEW),
            empty=gettext_lazy("No product waits for a reviewer."),
        ),
        Tab(
            "changes_requested",
            ProductStatus.CHANGES_REQUESTED.label,
            Q(status=ProductStatus.CHANGES_REQUESTED),
            empty=gettext_lazy("Nothing has to be changed."),
        ),
        Tab(
            "approved",
            ProductStatus.APPROVED.label,
            Q(status=ProductStatus.APPROVED),
            empty=gettext_lazy("Everything that is approved is on sale."),
        ),
        Tab(
            "not_sellable",
            gettext_lazy("Not sellable"),
            lambda rows, _request: not_sellable(rows),
            empty=gettext_lazy("Everything on sale can be bought. Well done."),
            alert=True,
        ),
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
    list_filter = ["category", BrandFilter, ProblemFilter]
    exact_search_fields = ["code", "variants__barcode", "variants__codes__code"]
    form = ProductForm
    autocomplete_fields = ["category"]
    fieldsets = [
        (None, {"fields": ["code", "name", ("category", "product_type")]}),
        (gettext_lazy("Brand and tags"), {"fields": [("brand", "maker"), "tags"]}),
        (
            gettext_lazy("Age limit and expiry"),
            {"classes": ["collapse"], "fields": ["age_limit", ("expiry_kind", "shelf_life_days")]},
        ),
    ]
    filter_lookups = ["memberships__collection"]  # from the page of a collection
    empty_title = gettext_lazy("No products here")
    empty_text = gettext_lazy("Add one, or import a product file.")

    class Media:
        """Pictures are dragged; channels and comments have a look of their own."""

        css: ClassVar = {"all": ["backoffice/pictures.css", "backoffice/content.css", "backoffice/selling.css"]}
        js = ("backoffice/pictures.js",)

    def for_display(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        """Count the variants of the page's rows."""
        return queryset.annotate(variant_count=Count("variants"))

    def facts(self, request: HttpRequest, obj: Product) -> Sequence[tuple[Any, Any]]:
        """Return the state first; how complete it is says the panel of sales channels."""
        shown: list[tuple[Any, Any]] = [
            (_("Status"), badge_html(obj.get_status_display(), COLOURS[ProductStatus(obj.status)])),
            (_("Product code"), obj.code),
            (_("Category"), obj.category or "–"),
        ]
        return [*shown, (_("Registered by"), obj.author)] if obj.author else shown

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: Any) -> None:
        """Keep who registered it; take an approval back whose content changed."""
        if not change:
            obj.author = actor(request)
        super().save_model(request, obj, form, change)
        parts = parts_of_columns(form.changed_data)
        if change and parts and services.content_changed(product_ids=[obj.pk], parts=parts, actor=actor(request)):
            messages.warning(request, _("The product was in review or approved: it is a draft again."))
        services.refresh_search_text(product_ids=[obj.pk])
