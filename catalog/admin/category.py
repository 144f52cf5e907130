"""The tree of goods, and where its shelves stand on the malls."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.fields import Field

from catalog.admin import resources
from catalog.models import Category, CategoryMapping, ChannelKind, SalesChannel
from catalog.selectors.categorising import channel_categories
from catalog.selectors.grid import SEPARATOR
from core.admin.tables import TableFilesMixin
from core.resources import BulkResource, KeyWidget
from core.ui import ModelAdmin, Panel, TabularInline, columns, register_panel


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no parameter
    """A category somewhere in the tree."""

    def clean_parent(self) -> Category | None:
        """Refuse a place below itself before the database does."""
        parent: Category | None = self.cleaned_data["parent"]
        above = parent
        names: list[str] = []
        while above is not None and len(names) < 100:
            names.append(above.name)
            if above.pk == self.instance.pk:
                raise forms.ValidationError(
                    _("“%(name)s” cannot stand below itself (%(path)s). Choose another parent.")
                    % {"name": self.instance.name, "path": " > ".join(reversed(names))}
                )
            above = above.parent
        return parent


class MappingInline(TabularInline):
    """The category's own codes; without one that of the category above holds."""

    model = CategoryMapping
    fields = ("sales_channel", "code", "path")
    extra = 0
    hide_title = True  # a row says the same
    verbose_name_plural = gettext_lazy("Codes on the sales channels")


@admin.register(Category)
class CategoryAdmin(TableFilesMixin, ModelAdmin):
    """The tree of goods."""

    resource_class = resources.CategoryResource

    form = CategoryForm
    list_display = [
        columns.text("name", gettext_lazy("Name"), order=True),
        columns.text("parent.name", gettext_lazy("Parent category")),
        columns.number("position", gettext_lazy("Position"), order=True),
    ]
    search_fields = ["name"]
    ordering = ["parent__position", "parent__name", "position", "name", "id"]  # each shelf's own ones together
    autocomplete_fields = ["parent"]
    fields = ["parent", "name", "position"]
    inlines = [MappingInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        """Bring the shelves above, which tell "Trousers" from "Trousers"."""
        return super().get_queryset(request).select_related("parent__parent")

    def option_label(self, obj: Category) -> str:
        """Return the way to it from the top."""
        names = [obj.name]
        above = obj.parent
        while above is not None:
            names.insert(0, above.name)
            above = above.parent
        return SEPARATOR.join(names)


class CategoryMappingResource(BulkResource):
    """Codes of categories by category and sales channel."""

    category = Field(attribute="category", column_name="category", widget=resources.CategoryWidget())
    sales_channel = Field(
        attribute="sales_channel", column_name="sales_channel", widget=KeyWidget(SalesChannel, field="code")
    )

    class Meta:
        model = CategoryMapping
        import_id_fields = ["category", "sales_channel"]
        fields = ["category", "sales_channel", "code", "path"]
        name = gettext_lazy("Category mappings")


@admin.register(CategoryMapping)
class CategoryMappingAdmin(TableFilesMixin, ModelAdmin):
    """What the malls call our categories."""

    resource_class = CategoryMappingResource

    deletable = True
    list_display = [
        columns.link("category.name", gettext_lazy("Category"), to="catalog_category", key="category_id"),
        columns.text("sales_channel.name", gettext_lazy("Sales channel")),
        columns.text("code", gettext_lazy("Code there"), order=True),
        columns.text("path", gettext_lazy("Name there")),
    ]
    list_display_links = ["code"]
    list_select_related = ("category", "sales_channel")
    search_fields = ["category__name", "code", "path"]
    exact_search_fields = ["code"]
    ordering = ["code", "id"]
    list_filter = ["sales_channel"]
    autocomplete_fields = ["category"]
    fields = ["category", "sales_channel", "code", "path"]
    empty_title = gettext_lazy("No category is mapped yet")
    empty_text = gettext_lazy("Map each category once; its products need no code of their own on the mall.")

    def for_display(self, request: HttpRequest, queryset: QuerySet[CategoryMapping]) -> QuerySet[CategoryMapping]:
        """Bring the names."""
        return queryset.select_related("category", "sales_channel")


def codes_there(request: HttpRequest, category: Category) -> dict[str, Any]:
    """Give for each mall which code holds, and whether it is the category's own."""
    malls: Sequence[SalesChannel] = list(SalesChannel.objects.filter(is_active=True).exclude(kind=ChannelKind.OWN))
    found = channel_categories(category_ids=[category.pk], sales_channel_ids=[mall.pk for mall in malls])
    rows = [(mall, found.get((category.pk, mall.pk))) for mall in malls]
    return {"rows": [(mall, row, row is not None and row.category_id != category.pk) for mall, row in rows]}


register_panel(
    Category,
    Panel(
        "codes_there",
        gettext_lazy("On the sales channels"),
        "catalog/panels/codes_there.html",
        codes_there,
        "catalog.view_saleschannel",
        position=10,
    ),
)
