"""Catalogue tables in and out of files."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field

from catalog.importing.deriving import variant_texts
from catalog.importing.known import ids_by_key, products_behind
from catalog.importing.touched import Touched
from catalog.models import (
    Category,
    FormerName,
    Price,
    Product,
    ProductNames,
    ProductText,
    ProductType,
    SalesChannel,
    Variant,
    VariantCode,
)
from catalog.selectors.grid import SEPARATOR, category_paths
from catalog.services.products.tagging import tidy_tags
from core.html import clean_html
from core.resources import Batch, BulkResource, KeyWidget, MoneyWidget, TextWidget


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


class CodeWidget(KeyWidget):
    """A reference by a text key; tens of thousands at once."""

    def ids(self, keys: Iterable[str]) -> Mapping[str, Any]:
        """Return the id for each key that exists."""
        return ids_by_key(self.model, self.field, keys)


class TagsWidget(TextWidget):
    """Tags with commas between them."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the tags as they are stored; refuses what no tag can be."""
        return tidy_tags(super().clean(value).split(","))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the tags in one cell."""
        return ", ".join(value or ())


class HtmlWidget(TextWidget):
    """HTML that is reduced to what a description needs."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """Return what is left when everything that could act is taken out."""
        return clean_html(super().clean(value))


class SlugWidget(TextWidget):
    """The last part of an address."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """Return it in small letters with hyphens."""
        return slugify(super().clean(value), allow_unicode=True)


class TouchingResource(BulkResource):
    """A table of products: within a larger file its consequences wait until all parts are written."""

    touched: Touched | None = None  # of that file
    part = ""  # key of catalog.fields
    is_named = False  # whether products are found by it

    def products_of(self, pks: list[int]) -> set[int]:
        """Return the products that the rows belong to."""
        return products_behind(self._meta.model, pks)

    def after_merge(self, *, created: list[int], updated: list[int]) -> None:
        """Keep products findable and reviews true, now or with the other parts."""
        touched = self.touched or Touched()
        touched.change(self.products_of([*created, *updated]), self.part, names=self.is_named)
        if self.touched is None:
            touched.settle(actor=self.user)

    def after_undo(self, *, restored: list[int], deleted: Sequence[Mapping[str, Any]]) -> None:
        """Do the same for what was taken back."""
        gone = {row["product_id"] for row in deleted if "product_id" in row}
        touched = Touched()
        touched.change(self.products_of(restored) | gone, self.part, names=self.is_named)
        touched.settle(actor=self.user)


class ProductResource(TouchingResource):
    """Products by code; the status changes by buttons only."""

    category = Field(attribute="category", column_name="category", widget=CategoryWidget())
    product_type = Field(
        attribute="product_type", column_name="product_type", widget=CodeWidget(ProductType, field="code")
    )
    tags = Field(attribute="tags", column_name="tags", widget=TagsWidget())
    part, is_named = "name", True
    derived = ("search_text", "image_path", "thumbnail_path")
    derives = ("search_text",)
    dependents = (ProductNames, FormerName)
    refusals = {"catalog_product_age_limit_valid": _("The age limit is 25 at most; 0 means everybody.")}

    class Meta:
        model = Product
        import_id_fields = ["code"]
        fields = ["code", "name", "category", "product_type", "brand", "maker", "tags", "age_limit", "expiry_kind",
                  "shelf_life_days", "status"]  # fmt: skip
        name = _("Products")

    def derive(self, batch: Batch, indexes: Sequence[int]) -> Iterable[Mapping[int, Sequence[Any]]]:
        """Empty the search texts of products that may get another one: the old text is not indexed once more."""
        named = {"name", "brand"} & {column.name for column in batch.merge.columns}
        return (dict.fromkeys(indexes, ("",)),) if named else ()

    def products_of(self, pks: list[int]) -> set[int]:
        """Return the products themselves."""
        return set(pks)

    def after_merge(self, *, created: list[int], updated: list[int]) -> None:
        """Say who registered the new ones, and what follows."""
        if created and self.user is not None:
            Product.objects.filter(pk__in=created).update(author=self.user)
        touched = self.touched or Touched()
        touched.created |= set(created)
        touched.change(updated, self.part, names=True)
        if self.touched is None:
            touched.settle(actor=self.user)

    def after_undo(self, *, restored: list[int], deleted: Sequence[Mapping[str, Any]]) -> None:
        """Keep what was restored findable."""
        touched = Touched()
        touched.change(restored, self.part, names=True)
        touched.settle(actor=self.user)


class ProductTextResource(TouchingResource):
    """Texts by product, language and sales channel (empty: everywhere)."""

    product = Field(attribute="product", column_name="product", widget=CodeWidget(Product, field="code"))
    sales_channel = Field(
        attribute="sales_channel", column_name="sales_channel", widget=CodeWidget(SalesChannel, field="code")
    )
    description = Field(attribute="description", column_name="description", widget=HtmlWidget())
    slug = Field(attribute="slug", column_name="slug", widget=SlugWidget())
    part, is_named, belongs_to = "texts_en", True, "product"
    refusals = {
        "catalog_text_once": _("The product has a text in this language already."),
        "catalog_text_slug_once": _("Another product has this address on the site."),
    }

    class Meta:
        model = ProductText
        import_id_fields = ["product", "language", "sales_channel"]
        fields = ["product", "language", "sales_channel", "title", "description", "keywords", "seo_title",
                  "seo_description", "slug"]  # fmt: skip
        name = _("Texts of products")


class VariantResource(TouchingResource):
    """Variants by SKU."""

    product = Field(attribute="product", column_name="product", widget=CodeWidget(Product, field="code"))
    part, is_named, belongs_to = "variants", True, "product"
    derives = ("search_text",)
    dependents = (FormerName,)
    refusals = {
        "catalog_variant_barcode": _("Another variant has this barcode."),
        "catalog_variant_origin_valid": _("Write the country as two capital letters, such as KR or JP."),
    }

    class Meta:
        model = Variant
        import_id_fields = ["sku"]
        fields = ["sku", "product", "name", "barcode", "weight_g", "length_mm", "width_mm", "height_mm", "hs_code",
                  "origin_country", "is_active"]  # fmt: skip
        name = _("Variants")

    def derive(self, batch: Batch, indexes: Sequence[int]) -> Iterable[Mapping[int, Sequence[Any]]]:
        """Put the search texts together, to be written with the rows."""
        return variant_texts(batch, indexes)


class VariantCodeResource(BulkResource):
    """Other names of variants, by sales channel (empty: everywhere) and code."""

    sales_channel = Field(
        attribute="sales_channel", column_name="sales_channel", widget=CodeWidget(SalesChannel, field="code")
    )
    variant = Field(attribute="variant", column_name="variant", widget=CodeWidget(Variant, field="sku"))

    class Meta:
        model = VariantCode
        import_id_fields = ["sales_channel", "code"]
        fields = ["sales_channel", "code", "variant"]
        name = _("Variant codes")


class PriceResource(BulkResource):
    """Prices by variant, sales channel and start; amounts in major units of the currency."""

    variant = Field(attribute="variant", column_name="variant", widget=CodeWidget(Variant, field="sku"))
    sales_channel = Field(
        attribute="sales_channel", column_name="sales_channel", widget=CodeWidget(SalesChannel, field="code")
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
