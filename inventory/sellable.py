"""What stock says about whether customers can buy: pieces that could be promised, in warehouses in use."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.checking import Check, Finding, Fix, Severity, register_check
from catalog.models import Product, SalesChannel, Variant
from catalog.selectors.bundling import bundle_contents
from inventory.selectors import availability_of, buildable


def stock(products: Sequence[Product], _channels: Sequence[SalesChannel]) -> Iterator[Finding]:
    """Tell what is sold out: the product when none of its active variants is left, else the variants by themselves.

    A bundle is there as often as its components allow; three queries for any number of products.
    """
    rows = list(Variant.objects.filter(product__in=products, is_active=True).values_list("product", "pk", "sku"))
    parts = bundle_contents(variant_ids=[pk for _product, pk, _sku in rows])
    wanted = {pk for _product, pk, _sku in rows} | {part for needs in parts.values() for part in needs}
    pieces = {pk: stock.available for pk, stock in availability_of(variant_ids=wanted).items()}
    left: dict[int, list[tuple[int, str, int]]] = defaultdict(list)
    for product_id, pk, sku in rows:
        left[product_id].append((pk, sku, _available(pk, parts, pieces)))
    for product_id, variants in left.items():
        yield from _of_product(product_id, variants)


def _of_product(product_id: int, variants: Sequence[tuple[int, str, int]]) -> Iterator[Finding]:
    gone = [(pk, sku) for pk, sku, count in variants if count <= 0]
    if len(gone) == len(variants):
        said = _("Sold out: no piece is available.")
        yield Finding(product_id, None, Severity.ERROR, said, _fix(gone[0][1] if len(gone) == 1 else "", product_id))
        return
    for pk, sku in gone:
        said = _("%(sku)s is sold out.") % {"sku": sku}
        yield Finding(product_id, None, Severity.WARNING, said, _fix(sku, product_id), variant_id=pk)


def _available(pk: int, parts: dict[int, dict[int, int]], pieces: dict[int, int]) -> int:
    if pk in parts:
        return buildable(parts[pk], pieces)
    return pieces.get(pk, 0)


def _fix(sku: str, product_id: int) -> Fix:
    if sku:
        return Fix("inventory_stockitem_changelist", query=urlencode({"q": sku}))
    return Fix("catalog_product_change", (product_id,), anchor="panel-stock")


register_check(Check("stock", gettext_lazy("Stock"), stock, position=60, blocks=False))
