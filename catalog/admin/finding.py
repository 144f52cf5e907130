"""Products in the search box; why a list shows a product whose name has other words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Product
from catalog.selectors import former_names
from core.search import FORMERLY, contains_word, sought_words
from core.ui.finding import Finder, Found, admin_finder, is_similar, register_finder

Ways = Sequence[Sequence[str]]


class FormerNamesMixin:
    """For lists of products and variants: found by former names, which is told, and in spite of typing mistakes."""

    typo_tolerant_search = True

    def search_notes(self, request: HttpRequest, rows: Sequence[Any], ways: Ways) -> Mapping[Any, Any]:
        """Return key -> “formerly ...” for rows that have the words in a former name only; at most one statement."""
        return formerly(rows, ways)


def formerly(rows: Sequence[Any], ways: Ways) -> dict[int, str]:
    """Return key -> “formerly ...” for those of these products or variants that a former name has found."""
    missing = {}
    for row in rows:
        current, _mark, former = row.search_text.partition(FORMERLY)
        lacking = [words for words in ways if not any(contains_word(current, word) for word in words)]
        if former and lacking:
            missing[row] = [word for words in lacking for word in words]
    if not missing:
        return {}
    known = former_names(products=[row.pk if isinstance(row, Product) else row.product_id for row in missing])
    notes = {}
    for row, words in missing.items():
        product, variant = (row.pk, None) if isinstance(row, Product) else (row.product_id, row.pk)
        for name in known.get(product, ()):
            if (variant is None or name.variant_id in {None, variant}) and name.has_any(words):
                notes[row.pk] = _("formerly “%(name)s”") % {"name": name.text}
                break
    return notes


def find_products(request: HttpRequest, query: str, limit: int) -> list[Found]:
    """Find products by code, name in any language, brand or SKU; by former and by similar ones, and say so."""
    products = admin_finder(admin.site.get_model_admin(Product), request, query, limit)
    notes = formerly(products, [(word,) for word in sought_words(query)])
    return [
        Found(
            product.name,
            reverse("admin:catalog_product_change", args=[product.pk]),
            _note(product, _("similar") if is_similar(product) else notes.get(product.pk, "")),
        )
        for product in products
    ]


def _note(product: Product, why: str) -> str:
    return " · ".join(part for part in (why, product.code, product.get_status_display()) if part)


register_finder(Finder("products", gettext_lazy("Products"), find_products, "catalog.view_product", "sell", 20))
