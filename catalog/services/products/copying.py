"""A product as a copy of another one: a draft with a code and SKUs of its own."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.events import ProductCopied, ProductCreated
from catalog.models import (
    AttributeValue,
    BundleComponent,
    CustomOption,
    NoticeAnswer,
    OptionAxis,
    OptionValue,
    Price,
    Product,
    ProductImage,
    ProductNotice,
    ProductStatus,
    ProductText,
    SalesChannel,
    Variant,
    VariantOption,
)
from catalog.policies import can_add_products, can_set_prices
from catalog.selectors.abbreviating import abbreviations
from catalog.selectors.margins import is_below_floor
from catalog.selectors.options import taken_skus
from catalog.selectors.pricing import running_prices
from catalog.services.products.searching import refresh_search_text
from core.copying import copy_rows, draw_ids
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from staff.models import User

MAX_CODE, MAX_NAME, MAX_SKU = 60, 255, 80
TRIES = 20


class CopyPart(StrEnum):
    """What may be copied beside the product itself."""

    TEXTS = "texts"
    VARIANTS = "variants"  # with options, wishes and the contents of bundles
    PRICES = "prices"  # those that hold now; needs the variants
    ATTRIBUTES = "attributes"
    NOTICES = "notices"
    PICTURES = "pictures"


ALL_PARTS = frozenset(CopyPart)
_ALWAYS = ("name", "category_id", "product_type_id", "brand", "maker", "tags", "age_limit", "expiry_kind")


@dataclass(frozen=True, slots=True)
class _Copy:
    """What is copied into what: ids of the source's rows and their copies' ids."""

    source: Product
    product_id: int
    variants: Mapping[int, int]


def copy_product(
    *, product_id: int, code: str, name: str, parts: Collection[CopyPart] = ALL_PARTS, actor: User | None = None
) -> Product:
    """Register a draft that is like this product but for code, name and SKUs, and return it.

    Category, type, brand, tags, age limit and expiry are always the same. SKUs that begin with the old product code
    begin with the new one, others get the new code and the short forms of their options; numbers keep them different.
    Barcodes, codes of channels, addresses on the site, certificates and listings are not copied: they belong to one
    product. Prices begin now; one below the lowest margin is left out, because a second person has to approve it.
    Pictures are the same files. A constant number of statements. Conflict when the code is in use; InvalidInput without
    code or name; NotAllowed without the rights to add products, and to set prices when they are copied.
    """
    if actor is not None and not can_add_products(actor):
        raise NotAllowed(_("You may not register products."))
    if actor is not None and CopyPart.PRICES in parts and not can_set_prices(actor):
        raise NotAllowed(_("You may not set prices."))
    code, name = code.strip(), " ".join(name.split())
    if not code or not name or len(code) > MAX_CODE or len(name) > MAX_NAME:
        raise InvalidInput(_("A copy needs a code and a name of its own."))
    if Product.objects.filter(code=code).exists():
        raise Conflict(_("Already in use: %(values)s") % {"values": code})
    try:
        with transaction.atomic():
            return _copied(product_id, code, name, frozenset(parts), actor)
    except IntegrityError as error:
        raise Conflict(_("Code or SKUs were taken meanwhile. Copy again.")) from error


def _copied(product_id: int, code: str, name: str, parts: Collection[CopyPart], actor: User | None) -> Product:
    source = Product.objects.select_for_update(no_key=True, of=("self",)).get(pk=product_id)
    product = Product(
        **{column: getattr(source, column) for column in _ALWAYS},
        shelf_life_days=source.shelf_life_days,
        code=code,
        status=ProductStatus.DRAFT,
        author=actor,
    )
    product.name = name
    if CopyPart.PICTURES in parts:
        product.image_path, product.thumbnail_path = source.image_path, source.thumbnail_path
    product.save()
    variants = _variants(source, product, with_all=CopyPart.VARIANTS in parts)
    copy = _Copy(source, product.pk, variants)
    for part, write in _PARTS.items():
        if part in parts:
            write(copy)
    refresh_search_text(product_ids=[product.pk])
    record(ProductCreated(product_id=product.pk, variant_count=max(1, len(variants))), subject=product, actor=actor)
    record(
        ProductCopied(product_id=product.pk, source_id=source.pk, source_code=source.code), subject=product, actor=actor
    )
    return product


def _variants(source: Product, product: Product, *, with_all: bool) -> dict[int, int]:
    """Insert the variants and return old id -> new id; without them one variant bears the product's code."""
    rows = list(Variant.objects.filter(product=source).order_by("pk")) if with_all else []
    skus = _new_skus(source.code, product.code, rows)
    ids = draw_ids(Variant, len(skus))
    same = ("name", "weight_g", "length_mm", "width_mm", "height_mm", "hs_code", "origin_country", "is_active")
    empty = Variant(name="")
    copy_rows(
        Variant,
        ("id", "product_id", "sku", "barcode", "search_text", *same),
        (
            (pk, product.pk, sku, "", "", *(getattr(row, column) for column in same))
            for pk, sku, row in zip(ids, skus, rows or [empty], strict=True)
        ),
    )
    return dict(zip((row.pk for row in rows), ids, strict=False))


def _new_skus(old: str, new: str, rows: Sequence[Variant]) -> list[str]:
    if not rows:
        rows = [Variant(sku=old)]
    short = abbreviations([row.name or row.sku for row in rows])
    wanted = [
        f"{new}{row.sku[len(old) :]}" if row.sku.startswith(old) else f"{new}-{word}"
        for row, word in zip(rows, short, strict=True)
    ]
    wanted = [sku[: MAX_SKU - 4] for sku in wanted]
    used = taken_skus(sku if not number else f"{sku}-{number}" for sku in wanted for number in range(TRIES))
    skus = []
    for sku in wanted:
        numbered = (sku if number == 1 else f"{sku}-{number}" for number in range(1, len(used) + len(wanted) + 2))
        skus.append(next(each for each in numbered if each not in used))
        used.add(skus[-1])
    return skus


def _write(
    model: type[models.Model],
    rows: "models.QuerySet[Any]",
    columns: Sequence[str],
    change: Callable[[Any], Mapping[str, Any]],
) -> None:
    """Insert copies of rows: the same columns, but for those that ``change(row)`` gives."""
    found = list(rows)
    if not found:
        return
    names = [*columns, *change(found[0])]
    copy_rows(
        model,
        names,
        ([*(getattr(row, column) for column in columns), *change(row).values()] for row in found),
    )


def _texts(copy: _Copy) -> None:
    columns = ("language", "sales_channel_id", "title", "description", "keywords", "seo_title", "seo_description")
    rows = ProductText.objects.filter(product=copy.source)
    _write(ProductText, rows, columns, lambda _row: {"product_id": copy.product_id, "slug": ""})


def _options(copy: _Copy) -> None:
    axes = list(OptionAxis.objects.filter(product=copy.source))
    values = list(OptionValue.objects.filter(axis__product=copy.source))
    axis_ids = dict(zip((axis.pk for axis in axes), draw_ids(OptionAxis, len(axes)), strict=True))
    value_ids = dict(zip((value.pk for value in values), draw_ids(OptionValue, len(values)), strict=True))
    copy_rows(
        OptionAxis,
        ("id", "product_id", "name", "position"),
        ((axis_ids[axis.pk], copy.product_id, axis.name, axis.position) for axis in axes),
    )
    copy_rows(
        OptionValue,
        ("id", "axis_id", "name", "colour", "position"),
        ((value_ids[v.pk], axis_ids[v.axis_id], v.name, v.colour, v.position) for v in values),
    )
    copy_rows(
        VariantOption,
        ("variant_id", "axis_id", "value_id"),
        (
            (copy.variants[row.variant_id], axis_ids[row.axis_id], value_ids[row.value_id])
            for row in VariantOption.objects.filter(variant__product=copy.source)
        ),
    )
    wishes = CustomOption.objects.filter(product=copy.source)
    columns = ("name", "kind", "choices", "max_length", "is_required", "position")
    _write(CustomOption, wishes, columns, lambda _row: {"product_id": copy.product_id})
    contents = BundleComponent.objects.filter(bundle__product=copy.source)
    _write(
        BundleComponent,
        contents,
        ("component_id", "quantity"),
        lambda row: {"bundle_id": copy.variants[row.bundle_id]},
    )


def _prices(copy: _Copy) -> None:
    floors = dict(SalesChannel.objects.values_list("pk", "margin_floor"))
    now = timezone.now()
    columns = ("sales_channel_id", "currency", "amount", "compare_at", "list_price", "cost")
    kept = [
        price
        for price in running_prices(variant_ids=copy.variants).values()
        if not is_below_floor(price.amount, price.cost, floors[price.sales_channel_id])
    ]
    copy_rows(
        Price,
        ("variant_id", "starts_at", *columns),
        ((copy.variants[price.variant_id], now, *(getattr(price, column) for column in columns)) for price in kept),
    )


def _attributes(copy: _Copy) -> None:
    rows = AttributeValue.objects.filter(product=copy.source)
    if not copy.variants:
        rows = rows.filter(variant=None)
    _write(
        AttributeValue,
        rows,
        ("attribute_id", "text", "number", "flag", "day", "choice_id"),
        lambda row: {
            "product_id": copy.product_id,
            "variant_id": copy.variants.get(row.variant_id),
            "file": str(row.file.name or ""),
        },
    )


def _notices(copy: _Copy) -> None:
    own = {"product_id": copy.product_id}
    _write(ProductNotice, ProductNotice.objects.filter(product=copy.source), ("notice_type_id",), lambda _row: own)
    _write(NoticeAnswer, NoticeAnswer.objects.filter(product=copy.source), ("field_id", "text"), lambda _row: own)


def _pictures(copy: _Copy) -> None:
    words = ("alt_text_en", "alt_text_ko", "alt_text_ja")
    _write(
        ProductImage,
        ProductImage.objects.filter(product=copy.source),
        ("media_id", *words, "position", "usage_rights", "rights_until"),
        lambda row: {
            "product_id": copy.product_id,
            "variant_id": copy.variants.get(row.variant_id),
            "file": str(row.file.name),
        },
    )


_PARTS: Mapping[CopyPart, Callable[[_Copy], None]] = {
    CopyPart.TEXTS: _texts,
    CopyPart.VARIANTS: _options,
    CopyPart.PRICES: _prices,
    CopyPart.ATTRIBUTES: _attributes,
    CopyPart.NOTICES: _notices,
    CopyPart.PICTURES: _pictures,
}
