"""Product types and the attributes that describe their products."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Attribute, AttributeChoice, AttributeKind, ProductType, TypeAttribute
from core.errors import InvalidInput
from core.ui import ModelAdmin, TabularInline, columns


class TypeAttributeInline(TabularInline):
    """The attributes of a type; taking one out forgets no value, it is only not shown any more."""

    model = TypeAttribute
    fields = ("attribute", "is_required", "is_per_variant", "position")
    autocomplete_fields = ("attribute",)
    can_delete = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change the type says what belongs to it."""
        return request.user.has_perm("catalog.change_producttype")


@admin.register(ProductType)
class ProductTypeAdmin(ModelAdmin):
    """Kinds of goods: their attributes and what law wants to be told."""

    few_rows = True
    list_display = [
        columns.text("name", gettext_lazy("Product type")),
        columns.text("code", gettext_lazy("Code"), order=True),
        columns.number("attribute_count", gettext_lazy("Attributes")),
        columns.number("product_count", gettext_lazy("Products")),
    ]
    search_fields = ["code", "name_en", "name_ko", "name_ja"]
    ordering = ["name_en", "id"]
    fields = ["code", ("name_en", "name_ko", "name_ja"), "notice_types"]
    filter_horizontal = ["notice_types"]
    inlines = [TypeAttributeInline]
    empty_title = gettext_lazy("No product types yet")
    empty_text = gettext_lazy("A type says what has to be told about its products: cloth, size, care.")

    def for_display(self, request: HttpRequest, queryset: QuerySet[ProductType]) -> QuerySet[ProductType]:
        """Count attributes and products of the page's rows."""
        return queryset.annotate(
            attribute_count=Count("type_attributes", distinct=True), product_count=Count("products", distinct=True)
        )


class AttributeChoiceInline(TabularInline):
    """What can be chosen; a choice that products use stays."""

    model = AttributeChoice

    class Media:
        js = ("backoffice/colours.js",)
        css: ClassVar = {"all": ("backoffice/colours.css",)}

    fields = ("code", "name_en", "name_ko", "name_ja", "colour", "position")
    can_delete = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change the attribute says what can be chosen."""
        return request.user.has_perm("catalog.change_attribute")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Show how a colour is written, and let it be chosen beside the text."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "colour":
            field.widget.attrs |= {"placeholder": "#1a2b3c", "data-colour": _("Choose a colour")}
        return field


@admin.register(Attribute)
class AttributeAdmin(ModelAdmin):
    """What can be said about products, with the kind of the answers."""

    list_display = [
        columns.text("name", gettext_lazy("Attribute")),
        columns.text("code", gettext_lazy("Code"), order=True),
        "kind",
        columns.text("unit", gettext_lazy("Unit")),
        columns.number("type_count", gettext_lazy("Product types")),
    ]
    search_fields = ["code", "name_en", "name_ko", "name_ja"]
    ordering = ["name_en", "id"]
    list_filter = ["kind"]
    fields = ["code", ("name_en", "name_ko", "name_ja"), ("kind", "unit")]
    inlines = [AttributeChoiceInline]
    empty_title = gettext_lazy("No attributes yet")
    empty_text = gettext_lazy("Add what has to be told about products, such as cloth or care.")

    def for_display(self, request: HttpRequest, queryset: QuerySet[Attribute]) -> QuerySet[Attribute]:
        """Count the types of the page's rows."""
        return queryset.annotate(type_count=Count("type_attributes"))

    def save_model(self, request: HttpRequest, obj: Attribute, form: Any, change: Any) -> None:
        """Keep the kind of an attribute that products use; its row is locked by now."""
        if change and "kind" in form.changed_data and obj.values.exists():
            kind = AttributeKind(form.initial["kind"]).label
            raise InvalidInput(
                _("Products use this attribute, so it stays “%(kind)s”. Add another attribute.") % {"kind": kind}
            )
        super().save_model(request, obj, form, change)
