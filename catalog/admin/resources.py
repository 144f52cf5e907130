"""Catalogue tables in and out of files."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field

from catalog.models import Category, Price, Product, SalesChannel, Variant, VariantCode
from catalog.services.searching import refresh_search_text
from core.resources import BulkResource, KeyWidget, MoneyWidget

SEPARATOR = " > "


def category_paths() -> dict[int, str]:
    """Return each category's path from the root ("Women > Shoes") by id; one query, the tree is small."""
    rows = {pk: (parent, name) for pk, parent, name in Category.objects.values_list("pk", "parent_id", "name")}
    paths: dict[int, str] = {}
    for pk in rows:
        names: list[str] = []
        at: int | None = pk
        while at is not None and len(names) < 50:
            parent, name = rows[at]
            names.append(name)
            at = parent
        paths[pk] = SEPARATOR.join(reversed(names))
    return paths


class CategoryWidget(KeyWidget):
    """A category by its path from the root."""

    def __init__(self) -> None:
        super().__init__(Category, field="name")
        self._paths: dict[int, str] | None = None

    def ids(self, keys: Iterable[str]) -> Mapping[str, Any]:
        """Return the id for each path; blanks around the separator do not matter."""
        found = {path: pk for pk, path in category_paths().items()}
        tidy = {key: SEPARATOR.join(part.strip() for part in key.split(">")) for key in keys}
        return {key: found[path] for key, path in tidy.items() if path in found}

    def paths(self, attribute: str) -> list[str]:
        """Return the id; the path is put together here."""
        self._paths = None
        return [f"{attribute}_id"]

    def cell(self, value: Any) -> Any:
        """Return the path."""
        if self._paths is None:
            self._paths = category_paths()
        return self._paths.get(value, "")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the path of a category object."""
        return category_paths().get(value.pk, "") if value else ""


class SalesChannelResource(BulkResource):
    """Sales channels by code."""

    refusals = {"catalog_channel_country_valid": _("Write the country as two capital letters, such as KR or JP.")}

    class Meta:
        model = SalesChannel
        import_id_fields = ["code"]
        fields = ["code", "name", "kind", "currency", "country", "time_zone", "ship_within_days", "is_active"]
        name = _("Sales channels")


class CategoryResource(BulkResource):
    """Categories by parent and name; row by row, so that a file may bring parents before their children."""

    parent = Field(attribute="parent", column_name="parent", widget=CategoryWidget())

    class Meta:
        model = Category
        import_id_fields = ["parent", "name"]
        fields = ["parent", "name", "position"]
        name = _("Categories")

    def get_instance(self, instance_loader: Any, row: Any) -> Category | None:
        """Return the category of this parent and name; refuses an unknown parent."""
        try:
            parent = self.fields["parent"].clean(row)
        except ValueError as error:
            raise ValidationError({"parent": [str(error)]}) from error
        return Category.objects.filter(parent=parent, name=str(row.get("name") or "").strip()).first()


class ProductResource(BulkResource):
    """Products by code; the status changes by buttons only."""

    category = Field(attribute="category", column_name="category", widget=CategoryWidget())

    class Meta:
        model = Product
        import_id_fields = ["code"]
        fields = ["code", "name", "category", "brand", "status"]
        name = _("Products")

    def after_merge(self, *, created: list[int], updated: list[int]) -> None:
        """Keep products and their variants findable."""
        refresh_search_text(product_ids=[*created, *updated])


class VariantResource(BulkResource):
    """Variants by SKU."""

    product = Field(attribute="product", column_name="product", widget=KeyWidget(Product, field="code"))

    refusals = {"catalog_variant_barcode": _("Another variant has this barcode.")}

    class Meta:
        model = Variant
        import_id_fields = ["sku"]
        fields = ["sku", "product", "name", "barcode", "weight_g", "is_active"]
        name = _("Variants")

    def after_merge(self, *, created: list[int], updated: list[int]) -> None:
        """Keep variants and their products findable."""
        products = Variant.objects.filter(pk__in=[*created, *updated]).values_list("product_id", flat=True)
        refresh_search_text(product_ids=set(products))


class VariantCodeResource(BulkResource):
    """Other names of variants, by sales channel (empty: everywhere) and code."""

    sales_channel = Field(
        attribute="sales_channel", column_name="sales_channel", widget=KeyWidget(SalesChannel, field="code")
    )
    variant = Field(attribute="variant", column_name="variant", widget=KeyWidget(Variant, field="sku"))

    class Meta:
        model = VariantCode
        import_id_fields = ["sales_channel", "code"]
        fields = ["sales_channel", "code", "variant"]
        name = _("Variant codes")


class PriceResource(BulkResource):
    """Prices by variant, sales channel and start; amounts in major units of the currency."""

    variant = Field(attribute="variant", column_name="variant", widget=KeyWidget(Variant, field="sku"))
    sales_channel = Field(
        attribute="sales_channel", column_name="sales_channel", widget=KeyWidget(SalesChannel, field="code")
    )
    amount = Field(attribute="amount", column_name="amount", widget=MoneyWidget())
    compare_at = Field(attribute="compare_at", column_name="compare_at", widget=MoneyWidget())

    refusals = {
        "catalog_price_no_overlap": _("The period overlaps another price of the same variant and channel."),
        "catalog_price_not_negative": _("A price cannot be negative."),
        "catalog_price_compare_higher": _("The price before must be higher than the price."),
        "catalog_price_period_valid": _("The period must end after it starts."),
    }

    class Meta:
        model = Price
        import_id_fields = ["variant", "sales_channel", "starts_at"]
        fields = ["variant", "sales_channel", "starts_at", "ends_at", "currency", "amount", "compare_at"]
        name = _("Prices")
