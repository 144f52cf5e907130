"""Choosing products by brand, however many there are."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Exists, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.forms import SearchForm

from catalog.models import Product

MOST = 30  # brands in a list; drawing thousands takes longer than the page, and nobody reads them


class BrandFilter(admin.SimpleListFilter):
    """Products of one brand: few are listed, among many it is typed, whole or in part."""

    title = gettext_lazy("Brand")
    parameter_name = "brand"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        brands = Product.objects.order_by().values_list("brand", flat=True).distinct()
        some = list(brands[: MOST + 1])
        self.is_typed = len(some) > MOST
        self.brands = [] if self.is_typed else sorted(filter(None, some))
        self.template = "unfold/filters/filters_field.html" if self.is_typed else "admin/filter.html"
        super().__init__(*args, **kwargs)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the brands where they are few."""
        return [(brand, brand) for brand in self.brands]

    def has_output(self) -> bool:
        """Tell whether there is anything to choose."""
        return self.is_typed or bool(self.brands)

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Yield the brands, or the box to type one into."""
        if not self.is_typed:
            yield from super().choices(changelist)
            return
        yield {"form": SearchForm(name=self.parameter_name, label=self.title, data={self.parameter_name: self.value()})}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        """Keep the products of exactly this brand; when there is none, those whose brand contains the text."""
        brand = self.value()
        if not brand:
            return queryset
        is_whole = Exists(Product.objects.filter(brand=brand))
        return queryset.filter(Q(brand=brand) | (Q(brand__icontains=brand) & ~is_whole))
