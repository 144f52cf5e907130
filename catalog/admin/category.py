"""The tree of goods."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from catalog.admin import resources
from catalog.models import Category
from core.admin.tables import TableFilesMixin
from core.ui import ModelAdmin, columns


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
