"""Products in the search box; why a list shows a product whose name has other words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Product
from catalog.selectors import with_former_names
from core.search import FORMERLY, contains_word, fold, sought_words
from core.ui.finding import Finder, Found, admin_finder, is_similar, register_finder

Ways = Sequence[Sequence[str]]


class FormerNamesMixin:
    """For lists of products and variants: found by former names, which is told, and in spite of typing mistakes."""

    typo_tolerant_search = True

    def for_search(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Bring the former names of each row."""
        return with_former_names(queryset)

    def search_notes(self, request: HttpRequest, rows: Sequence[Any], ways: Ways) -> Mapping[Any, Any]:
        """Return key -> “formerly ...” for rows that have the words in a former name only."""
        return {row.pk: note for row in rows if (note := _formerly(row, ways))}


def _formerly(row: Any, ways: Ways) -> str:
    """Return what a product or variant was called, where that alone has found it, else an empty text."""
    current, _mark, former = row.search_text.partition(FORMERLY)
    lacking = [word for words in ways if not any(contains_word(current, word) for word in words) for word in words]
    if not former or not lacking:
        return ""
    name = next((name for name in row.former_texts if any(contains_word(fold(name), word) for word in lacking)), "")
    return _("formerly “%(name)s”") % {"name": name} if name else ""


def find_products(request: HttpRequest, query: str, limit: int) -> list[Found]:
    """Find products by code, name in any language, brand or SKU; by former and by similar ones, and say so."""
    products = admin_finder(admin.site.get_model_admin(Product), request, query, limit)
    ways = [(word,) for word in sought_words(query)]
    return [
        Found(
            product.name,
            reverse("admin:catalog_product_change", args=[product.pk]),
            _note(product, _("similar") if is_similar(product) else _formerly(product, ways)),
        )
        for product in products
    ]


def _note(product: Product, why: str) -> str:
    return " · ".join(part for part in (why, product.code, product.get_status_display()) if part)


register_finder(Finder("products", gettext_lazy("Products"), find_products, "catalog.view_product", "sell", 20))
