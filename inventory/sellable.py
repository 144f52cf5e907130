"""What stock says about whether customers can buy: pieces that could be promised, in warehouses in use."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.checking import Check, Finding, Fix, Severity, register_check
from catalog.models import BundleComponent, Product, SalesChannel, Variant
from inventory.selectors import availability_of


def stock(products: Sequence[Product], _channels: Sequence[SalesChannel]) -> Iterator[Finding]:
    """Tell what is sold out: the product when none of its active variants is left, else the variants by themselves.

    A bundle is there as often as its components allow; three queries for any number of products.
    """
    rows = list(Variant.objects.filter(product__in=products, is_active=True).values_list("product", "pk", "sku"))
    parts = _parts([pk for _product, pk, _sku in rows])
    wanted = {pk for _product, pk, _sku in rows} | {part for needs in parts.values() for part, _count in needs}
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


def _parts(variant_ids: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    rows = BundleComponent.objects.filter(bundle__in=variant_ids)
    for bundle, component, quantity in rows.values_list("bundle", "component", "quantity"):
        found[bundle].append((component, quantity))
    return found


def _available(pk: int, parts: dict[int, list[tuple[int, int]]], pieces: dict[int, int]) -> int:
    if pk in parts:
        return min(pieces.get(part, 0) // count for part, count in parts[pk])
    return pieces.get(pk, 0)


def _fix(sku: str, product_id: int) -> Fix:
    if sku:
        return Fix("inventory_stockitem_changelist", query=urlencode({"q": sku}))
    return Fix("catalog_product_change", (product_id,), anchor="panel-stock")


register_check(Check("stock", gettext_lazy("Stock"), stock, position=60, blocks=False))
