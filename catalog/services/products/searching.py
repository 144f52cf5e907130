"""Keeping the words by which products and variants are found, and the names they had before."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import connection, transaction

from core.copying import array_literal
from core.search import FORMERLY, fold
from core.similar import remember_words

SUBJECT = "catalog"  # whose words products and variants share
FORMER_NAMES = 10  # kept of a product
FORMER_SKUS = 3  # kept of a variant
LONGEST = 255
BLOCK = 2_000  # products whose words are in memory at a time

Vanished = tuple[int, int | None, str]  # product, variant (None: the product itself), text
NewWords = tuple[int, int | None, str, str, str]  # product, variant (None: a new one), SKU, options, barcode


@dataclass
class _Product:
    """A product as it is now; ``was_called`` and ``had_skus`` are None when it was never looked at before."""

    pk: int
    names: list[str]  # code, name, titles
    brand: str
    keywords: str
    was_called: list[str] | None
    had_skus: dict[str, str] | None
    variants: list[tuple[int, str, str, str]] = field(default_factory=list)  # id, SKU, options, barcode
    former: dict[int | None, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def skus(self) -> dict[str, str]:
        """Return variant id -> SKU, as stored."""
        return {str(pk): sku for pk, sku, _name, _barcode in self.variants}

    @property
    def texts(self) -> list[str]:
        """Return what may hold words that somebody mistypes."""
        return [*self.names, self.brand, self.keywords]

    @property
    def is_renamed(self) -> bool:
        """Tell whether a name or SKU is another one than at the last look."""
        return self.was_called != self.names or self.had_skus != self.skus

    def vanished(self) -> list[Vanished]:
        """Return the names and SKUs that it has no longer."""
        if self.was_called is None or not self.is_renamed:
            return []
        skus = self.skus
        now = {fold(text) for text in (*self.names, *skus.values())}
        gone: list[Vanished] = [(self.pk, None, name) for name in self.was_called]
        for variant, sku in (self.had_skus or {}).items():
            gone.append((self.pk, int(variant) if variant in skus else None, sku))
        return [one for one in gone if fold(one[2]) not in now and one[2].strip()]

    def text(self) -> str:
        """Return the product's search text: what it is called now, then what it was called."""
        skus = sorted(sku for _pk, sku, _name, _barcode in self.variants)
        current = fold(" ".join([*self.names[:2], self.brand, *self.names[2:], self.keywords, *skus]))
        return _with_former(current, [name for former in self.former.values() for name in former])

    @cached_property
    def folded_names(self) -> str:
        """Return name and titles as they end the text of each variant."""
        return fold(" ".join(self.names[1:]))

    def variant_text(self, pk: int | None, sku: str, name: str, barcode: str) -> str:
        """Return the search text of a variant."""
        former = [*self.former.get(None, ()), *(self.former.get(pk, ()) if pk else ())]
        return _with_former(f"{fold(f'{sku} {name} {barcode}')} {self.folded_names}", former)

    def variant_texts(self) -> list[tuple[int, str]]:
        """Return (id, search text) of its variants."""
        return [(variant[0], self.variant_text(*variant)) for variant in self.variants]


@transaction.atomic
def refresh_search_text(*, product_ids: Collection[int]) -> None:
    """Put together the search texts of these products and of all their variants; unchanged ones are not written.

    A product is found by code, name, brand, titles and keywords of all languages, and SKUs; a variant by SKU, names of
    its product, options and barcode; both also by the last names, codes and SKUs that they had before (``FormerName``,
    written here). Each step is one statement for some thousand products; call it after whatever changed any.
    """
    ids = sorted(product_ids)
    for first in range(0, len(ids), BLOCK):
        _refresh(ids[first : first + BLOCK])


def _refresh(product_ids: list[int]) -> None:
    products = _with_former_names(product_ids)
    if not products:
        return
    _keep_names([product for product in products.values() if product.is_renamed])
    changed = _write("catalog_product", [(product.pk, product.text()) for product in products.values()])
    texts = {text for pk in changed for text in products[pk].texts}
    changed = _write("catalog_variant", [one for product in products.values() for one in product.variant_texts()])
    texts |= {name for product in products.values() for pk, _sku, name, _barcode in product.variants if pk in changed}
    remember_words(subject=SUBJECT, texts=texts)


@transaction.atomic
def compose_variant_texts(*, variants: Sequence[NewWords]) -> list[str]:
    """Return the search texts of variants that are about to be written, in their order.

    For imports, which write them with their rows: a text that follows later is paid in every index again.
    Names that the products have lost are kept as former ones here, because these texts end with them.
    """
    products = _with_former_names({variant[0] for variant in variants})
    _keep_names([one for one in products.values() if one.was_called is not None and one.is_renamed])
    return [products[product].variant_text(pk, *words) for product, pk, *words in variants]


def _with_former_names(product_ids: Collection[int]) -> dict[int, _Product]:
    """Return the products with the names that they have lost, which are kept."""
    products = _read(list(product_ids))
    _remember_former([one for product in products.values() for one in product.vanished()])
    _add_former(products)
    return products


def _read(product_ids: list[int]) -> dict[int, _Product]:
    ids = array_literal(product_ids)
    with connection.cursor() as cursor:
        # table by table: within an import the planner knows little of them, and joins them in minutes
        titles: dict[int, dict[str, None]] = defaultdict(dict)
        keywords: dict[int, list[str]] = defaultdict(list)
        cursor.execute(
            "SELECT product_id, title, keywords FROM catalog_producttext WHERE product_id = ANY(%s::bigint[])"
            " ORDER BY product_id, language, id",
            [ids],
        )
        for product, title, words in cursor.fetchall():
            titles[product][title] = None
            keywords[product].append(words)
        cursor.execute(
            "SELECT product_id, names, skus FROM catalog_productnames WHERE product_id = ANY(%s::bigint[])", [ids]
        )
        known = {product: (names, _loaded(skus)) for product, names, skus in cursor.fetchall()}
        cursor.execute("SELECT id, code, name, brand FROM catalog_product WHERE id = ANY(%s::bigint[])", [ids])
        products = {
            pk: _Product(pk, [code, name, *titles[pk]], brand, " ".join(keywords[pk]), *known.get(pk, (None, None)))
            for pk, code, name, brand in cursor.fetchall()
        }
        cursor.execute(
            "SELECT product_id, id, sku, name, barcode FROM catalog_variant WHERE product_id = ANY(%s::bigint[])", [ids]
        )
        for product, *variant in cursor.fetchall():
            products[product].variants.append(tuple(variant))
    return products


def _loaded(skus: Any) -> dict[str, str] | None:
    loaded: dict[str, str] | None = json.loads(skus) if isinstance(skus, str) else skus
    return loaded


def _with_former(current: str, former: Sequence[str]) -> str:
    words = fold(" ".join(former))
    return f"{current}{FORMERLY}{words}" if words else current


# --- former names


def _remember_former(vanished: list[Vanished]) -> None:
    """Write what is no longer a name, unless it names something else now, and forget all but the last ones."""
    if not vanished:
        return
    with connection.cursor() as cursor:
        texts = array_literal({text for _product, _variant, text in vanished})
        cursor.execute(
            "SELECT sku FROM catalog_variant WHERE sku = ANY(%s::text[])"
            " UNION ALL SELECT code FROM catalog_product WHERE code = ANY(%s::text[])",
            [texts, texts],
        )
        taken = {row[0] for row in cursor.fetchall()}
        kept = sorted({one for one in vanished if one[2] not in taken}, key=lambda one: (one[0], one[1] or 0, one[2]))
        if not kept:
            return
        cursor.execute(
            "INSERT INTO catalog_formername (product_id, variant_id, text)"
            " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[])"
            " ON CONFLICT (product_id, variant_id, text) DO UPDATE SET until = now()",
            [array_literal(column) for column in zip(*((p, v, text[:LONGEST]) for p, v, text in kept), strict=True)],
        )
        cursor.execute(
            "DELETE FROM catalog_formername f USING (SELECT id, variant_id, row_number() OVER"
            " (PARTITION BY product_id, variant_id ORDER BY until DESC, id DESC) AS place"
            " FROM catalog_formername WHERE product_id = ANY(%s::bigint[])) o"
            " WHERE o.id = f.id AND o.place > CASE WHEN o.variant_id IS NULL THEN %s ELSE %s END",
            [array_literal({product for product, _variant, _text in kept}), FORMER_NAMES, FORMER_SKUS],
        )


def _add_former(products: dict[int, _Product]) -> None:
    """Read the former names, newest first; what is a name again is left out."""
    known = [product.pk for product in products.values() if product.was_called is not None]
    if not known:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT product_id, variant_id, text FROM catalog_formername WHERE product_id = ANY(%s::bigint[])"
            " ORDER BY until DESC, id DESC",
            [array_literal(known)],
        )
        for pk, variant, text in cursor.fetchall():
            product = products[pk]
            if text not in product.names and text not in product.skus.values():
                product.former[variant].append(text)


def _keep_names(products: Iterable[_Product]) -> None:
    """Write what products are called now, for the comparison with what they will be called next."""
    rows = [
        (product.pk, array_literal(product.names), json.dumps(product.skus, ensure_ascii=False)) for product in products
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_productnames (product_id, names, skus)"
            " SELECT n.id, n.names::text[], n.skus::jsonb FROM unnest(%s::bigint[], %s::text[], %s::text[])"
            " AS n(id, names, skus)"
            " ON CONFLICT (product_id) DO UPDATE SET names = excluded.names, skus = excluded.skus",
            [array_literal(column) for column in zip(*rows, strict=True)],
        )


def _write(table: str, texts: list[tuple[int, str]]) -> set[int]:
    """Write search texts that changed and return the ids of these rows."""
    if not texts:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET search_text = n.words FROM unnest(%s::bigint[], %s::text[]) AS n(id, words)"  # noqa: S608 two names of our own
            " WHERE t.id = n.id AND t.search_text IS DISTINCT FROM n.words RETURNING t.id",
            [array_literal(column) for column in zip(*texts, strict=True)],
        )
        return {row[0] for row in cursor.fetchall()}
