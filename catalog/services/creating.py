"""Products enter the catalogue, one by one or by the thousand."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.events import ProductCreated
from catalog.models import Price, Product, ProductStatus, ProductText, SalesChannel, Variant, VariantCode
from catalog.policies import can_add_products
from catalog.services.searching import refresh_search_text
from core.copying import copy_rows, draw_ids
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record_many
from staff.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVariant:
    """One SKU; ``prices`` is sales channel id -> minor units of its currency, ``codes`` hold on every channel."""

    sku: str
    name: str = ""
    barcode: str = ""
    weight_g: int | None = None
    prices: Mapping[int, int] = field(default_factory=dict)
    codes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    """A product with its variants; ``texts`` is language -> (title, description)."""

    code: str
    name: str
    variants: Sequence[NewVariant]
    brand: str = ""
    category_id: int | None = None
    texts: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@transaction.atomic
def create_products(
    *,
    products: Sequence[NewProduct],
    is_active: bool = False,
    prices_from: datetime | None = None,
    actor: User | None = None,
) -> list[int]:
    """Register many products with variants, texts, codes and prices and return their ids, in order (by COPY).

    Prices run from ``prices_from`` (default: now). Conflict when a product code, SKU, barcode or variant code exists
    already (then nothing is made); InvalidInput for a product without variants; NotAllowed without the right.
    """
    if actor is not None and not can_add_products(actor):
        raise NotAllowed(_("You may not register products."))
    _check(products)
    product_ids = draw_ids(Product, len(products))
    variants = [
        (pk, variant) for pk, product in zip(product_ids, products, strict=True) for variant in product.variants
    ]
    variant_ids = draw_ids(Variant, len(variants))
    status = ProductStatus.ACTIVE if is_active else ProductStatus.DRAFT
    copy_rows(
        Product,
        ("id", "code", "name", "category_id", "brand", "status", "image_path", "search_text", "updated_at"),
        (
            (pk, one.code, one.name, one.category_id, one.brand, status.value, "", "", "now")
            for pk, one in zip(product_ids, products, strict=True)
        ),
    )
    copy_rows(
        ProductText,
        ("product_id", "language", "title", "description"),
        (
            (pk, language, title, description)
            for pk, one in zip(product_ids, products, strict=True)
            for language, (title, description) in one.texts.items()
        ),
    )
    copy_rows(
        Variant,
        ("id", "product_id", "sku", "name", "barcode", "weight_g", "is_active", "search_text"),
        (
            (pk, product_id, one.sku, one.name, one.barcode, one.weight_g, True, "")
            for pk, (product_id, one) in zip(variant_ids, variants, strict=True)
        ),
    )
    copy_rows(
        VariantCode,
        ("variant_id", "code"),
        ((pk, code) for pk, (_product, one) in zip(variant_ids, variants, strict=True) for code in one.codes),
    )
    _copy_prices(zip(variant_ids, (one for _product, one in variants), strict=True), prices_from or timezone.now())
    refresh_search_text(product_ids=product_ids)
    record_many(
        [
            (ProductCreated(product_id=pk, variant_count=len(one.variants)), pk)
            for pk, one in zip(product_ids, products, strict=True)
        ],
        model=Product,
        actor=actor,
    )
    return product_ids


def create_product(
    *,
    code: str,
    name: str,
    variants: Sequence[NewVariant],
    brand: str = "",
    category_id: int | None = None,
    texts: Mapping[str, tuple[str, str]] | None = None,
    actor: User | None = None,
) -> Product:
    """Register one product as a draft and return it; refuses what ``create_products`` refuses."""
    product = NewProduct(
        code=code, name=name, variants=variants, brand=brand, category_id=category_id, texts=texts or {}
    )
    [pk] = create_products(products=[product], actor=actor)
    return Product.objects.get(pk=pk)


def _copy_prices(variants: Iterable[tuple[int, NewVariant]], at: datetime) -> None:
    currencies = dict(SalesChannel.objects.values_list("pk", "currency"))
    copy_rows(
        Price,
        ("variant_id", "sales_channel_id", "currency", "amount", "starts_at"),
        (
            (pk, channel_id, currencies[channel_id], amount, at)
            for pk, variant in variants
            for channel_id, amount in variant.prices.items()
        ),
    )


def _check(products: Sequence[NewProduct]) -> None:
    if any(not product.variants for product in products):
        raise InvalidInput(_("A product needs at least one variant with an SKU."))
    variants = [variant for product in products for variant in product.variants]
    if any(not product.code for product in products) or any(not variant.sku for variant in variants):
        raise InvalidInput(_("Every product needs a code and every variant an SKU."))
    _refuse_taken(Product.objects, "code", [product.code for product in products])
    _refuse_taken(Variant.objects, "sku", [variant.sku for variant in variants])
    _refuse_taken(Variant.objects, "barcode", [variant.barcode for variant in variants if variant.barcode])
    _refuse_taken(
        VariantCode.objects.filter(sales_channel=None), "code", [code for variant in variants for code in variant.codes]
    )


def _refuse_taken(rows: models.Manager[Any] | models.QuerySet[Any], name: str, values: list[str]) -> None:
    """Raise Conflict when a value occurs twice among ``values`` or is in the database."""
    twice = {value for value, count in Counter(values).items() if count > 1}
    taken = twice | set(rows.filter(**{f"{name}__in": values}).values_list(name, flat=True))
    if taken:
        shown = ", ".join(sorted(taken)[:10])
        raise Conflict(_("Already in use: %(values)s") % {"values": shown})
