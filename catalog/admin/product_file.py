"""The generic product file: one row for each SKU, over products, texts, options, variants, codes and prices."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.admin.resources import ProductResource, ProductTextResource, VariantResource
from catalog.importing.categories import CategoriesPart
from catalog.importing.codes import CodesPart
from catalog.importing.columns import base_of
from catalog.importing.exporting import file_rows
from catalog.importing.goods import VariantPart, product_part, text_parts
from catalog.importing.labels import group_of, label_of
from catalog.importing.options import OptionsPart
from catalog.importing.pictures import PicturesPart, VariantPicturesPart
from catalog.importing.prices import PricePart
from catalog.importing.touched import FinishPart, Touched
from catalog.importing.wishes import WishesPart
from catalog.models import Product, SalesChannel
from catalog.policies import can_add_variants
from core.resources import CompositeResource, Part
from core.resources.choices import escape_mark
from staff.models import Language


class ProductFileResource(CompositeResource):
    """Products in and out of files, whole: rows of known SKUs update, others create, in one file."""

    main = ("product", "variant")

    class Meta:
        model = Product
        fields: Sequence[str] = []
        name = _("Products")

    def make_parts(self) -> Sequence[Part]:
        """Return the parts in the order in which one needs what another made."""
        touched = Touched()
        channels = list(SalesChannel.objects.order_by("code"))
        may_add = self.may_create and (self.user is None or can_add_variants(self.user))
        return [
            CategoriesPart(),
            product_part(ProductResource, touched, may_create=self.may_create),
            *text_parts(ProductTextResource, touched, Language.values, channels),
            VariantPart(VariantResource, touched, may_create=may_add),
            OptionsPart(touched),
            CodesPart(channels),
            *(PricePart(channel, touched) for channel in channels),
            PicturesPart(),
            VariantPicturesPart(),
            WishesPart(touched),
            FinishPart(touched),
        ]

    def get_export_order(self) -> list[str]:
        """Return the columns that come out: those that say how a price is to be set only go in."""
        return [name for name in super().get_export_order() if base_of(name) not in _ONLY_IN]

    def column_label(self, field: Any) -> str:
        """Return what a column means, in the words of the product's page."""
        return label_of(field.column_name) or super().column_label(field)

    def column_group(self, field: Any) -> str:
        """Return the heading: product, variant, texts of a language, prices of a channel, pictures."""
        return group_of(field.column_name)

    def rows_of(self, queryset: Any, names: Sequence[str]) -> Iterator[list[Any]]:
        """Yield the rows of the products, one for each SKU, in key order."""
        for cells in file_rows(queryset, names):
            yield [escape_mark(cell) for cell in cells]


_ONLY_IN = {"price_from", "price_until", "currency"}
