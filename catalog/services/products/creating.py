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
from catalog.models import (
    Listing,
    ListingState,
    OptionAxis,
    OptionValue,
    Price,
    Product,
    ProductStatus,
    ProductText,
    SalesChannel,
    Variant,
    VariantCode,
    VariantOption,
)
from catalog.policies import can_add_products
from catalog.services.products.searching import refresh_search_text
from core.copying import copy_rows, draw_ids
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record_many
from staff.models import User

MAX_AXES = 3  # what Shopify and most malls can take over


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterPrice:
    """What a variant cost, or will cost, from a moment after its first price on: history that a shop brings along."""

    sales_channel_id: int
    starts_at: datetime
    amount: int
    compare_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVariant:
    """One SKU; ``prices`` is sales channel id -> minor units of its currency, ``codes`` hold on every channel.

    ``options`` is axis -> value ("Colour" -> "Black"), in order. ``later_prices`` follow the first ones.
    ``list_prices`` and ``costs``, as ``prices``, hold with all of a channel's prices.
    """

    sku: str
    name: str = ""
    barcode: str = ""
    weight_g: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    hs_code: str = ""
    origin_country: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[int, int] = field(default_factory=dict)
    list_prices: Mapping[int, int] = field(default_factory=dict)
    costs: Mapping[int, int] = field(default_factory=dict)
    later_prices: Sequence[LaterPrice] = ()
    codes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    """A product with its variants; ``texts`` is language -> (title, description).

    ``colours`` is value of an option -> its swatch ("Black" -> "#2b2b2f").
    """

    code: str
    name: str
    variants: Sequence[NewVariant]
    brand: str = ""
    maker: str = ""
    category_id: int | None = None
    product_type_id: int | None = None
    texts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    colours: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def create_products(
    *,
    products: Sequence[NewProduct],
    is_active: bool = False,
    prices_from: datetime | None = None,
    actor: User | None = None,
) -> list[int]:
    """Register many products with variants, options, texts, codes and prices and return their ids, in order (by COPY).

    Prices run from ``prices_from`` (default: now); the actor is their author. With ``is_active`` they are on sale at
    once, live on every channel on which a variant has a price; else they are drafts without listings. Conflict when a
    product code, SKU, barcode or variant code exists already (then nothing is made); InvalidInput for a product without
    variants and for two variants with the same options; NotAllowed without the right.
    """
    if actor is not None and not can_add_products(actor):
        raise NotAllowed(_("You may not register products."))
    _check(products)
    prices_from = prices_from or timezone.now()
    product_ids = draw_ids(Product, len(products))
    variants = [
        (pk, variant) for pk, product in zip(product_ids, products, strict=True) for variant in product.variants
    ]
    variant_ids = draw_ids(Variant, len(variants))
    _copy_products(product_ids, products, ProductStatus.ACTIVE if is_active else ProductStatus.DRAFT, actor)
    copy_rows(
        ProductText,
        ("product_id", "language", "title", "description"),
        (
            (pk, language, title, description)
            for pk, one in zip(product_ids, products, strict=True)
            for language, (title, description) in one.texts.items()
        ),
    )
    rows = [(pk, product_id, one) for pk, (product_id, one) in zip(variant_ids, variants, strict=True)]
    copy_variants(rows)
    _copy_options(rows, {pk: one.colours for pk, one in zip(product_ids, products, strict=True)})
    copy_rows(
        VariantCode,
        ("variant_id", "code"),
        ((pk, code) for pk, _product, one in rows for code in one.codes),
    )
    copy_prices([(pk, one) for pk, _product, one in rows], prices_from)
    if is_active:
        _list_live(rows, prices_from)
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


def copy_variants(rows: Iterable[tuple[int, int, NewVariant]]) -> None:
    """Insert active variants given as (id, product id, what it is)."""
    copy_rows(
        Variant,
        (
            *("id", "product_id", "sku", "name", "barcode", "weight_g", "length_mm", "width_mm", "height_mm"),
            *("hs_code", "origin_country", "is_active", "search_text"),
        ),
        (
            (
                *(pk, product_id, one.sku, one.name, one.barcode, one.weight_g),
                *(one.length_mm, one.width_mm, one.height_mm, one.hs_code, one.origin_country, True, ""),
            )
            for pk, product_id, one in rows
        ),
    )


def copy_prices(rows: Iterable[tuple[int, NewVariant]], at: datetime) -> None:
    """Insert prices of new variants, given as (id, what it is): the first run from ``at`` on, each until the next."""
    currencies = dict(SalesChannel.objects.values_list("pk", "currency"))
    copy_rows(
        Price,
        (
            *("variant_id", "sales_channel_id", "currency", "amount", "compare_at", "list_price", "cost"),
            *("starts_at", "ends_at"),
        ),
        (
            (
                *(pk, channel_id, currencies[channel_id], price.amount, price.compare_at),
                *(one.list_prices.get(channel_id), one.costs.get(channel_id), price.starts_at, ends_at),
            )
            for pk, one in rows
            for channel_id, amount in one.prices.items()
            for price, ends_at in _periods(channel_id, amount, one.later_prices, at)
        ),
    )


def _periods(
    channel_id: int, amount: int, later: Sequence[LaterPrice], at: datetime
) -> Iterable[tuple[LaterPrice, datetime | None]]:
    """Return the prices of one channel, each with its end."""
    first = LaterPrice(sales_channel_id=channel_id, starts_at=at, amount=amount)
    chain = [first, *(price for price in later if price.sales_channel_id == channel_id)]
    chain.sort(key=lambda price: price.starts_at)
    ends = [*(price.starts_at for price in chain[1:]), None]
    return zip(chain, ends, strict=True)


def _copy_products(
    ids: Sequence[int], products: Sequence[NewProduct], status: ProductStatus, actor: User | None
) -> None:
    author = actor.pk if actor else None
    copy_rows(
        Product,
        (
            *("id", "code", "name", "category_id", "product_type_id", "brand", "maker", "author_id", "status"),
            *("image_path", "search_text", "updated_at"),
        ),
        (
            (
                *(pk, one.code, one.name, one.category_id, one.product_type_id, one.brand, one.maker, author),
                *(status.value, "", "", "now"),
            )
            for pk, one in zip(ids, products, strict=True)
        ),
    )


def _copy_options(rows: Sequence[tuple[int, int, NewVariant]], colours: Mapping[int, Mapping[str, str]]) -> None:
    """Make axes and values in the order in which the variants name them, and say what each variant has."""
    if not any(one.options for _pk, _product, one in rows):
        return
    axes = list(dict.fromkeys((product, axis) for _pk, product, one in rows for axis in one.options))
    axis_ids = dict(zip(axes, draw_ids(OptionAxis, len(axes)), strict=True))
    values = list(
        dict.fromkeys(
            (axis_ids[product, axis], value) for _pk, product, one in rows for axis, value in one.options.items()
        )
    )
    value_ids = dict(zip(values, draw_ids(OptionValue, len(values)), strict=True))
    owners = {pk: product for (product, _name), pk in axis_ids.items()}
    places: Counter[int] = Counter()
    copy_rows(
        OptionAxis,
        ("id", "product_id", "name", "position"),
        ((axis_ids[key], *key, _next_place(places, key[0])) for key in axes),
    )
    places.clear()
    copy_rows(
        OptionValue,
        ("id", "axis_id", "name", "colour", "position"),
        (
            (value_ids[key], *key, colours[owners[key[0]]].get(key[1], ""), _next_place(places, key[0]))
            for key in values
        ),
    )
    copy_rows(
        VariantOption,
        ("variant_id", "axis_id", "value_id"),
        (
            (pk, axis_ids[product, axis], value_ids[axis_ids[product, axis], value])
            for pk, product, one in rows
            for axis, value in one.options.items()
        ),
    )


def _next_place(places: "Counter[int]", key: int) -> int:
    places[key] += 1
    return places[key] - 1


def _list_live(rows: Sequence[tuple[int, int, NewVariant]], at: datetime) -> None:
    channels = dict.fromkeys((product, channel) for _pk, product, one in rows for channel in one.prices)
    copy_rows(
        Listing,
        ("product_id", "sales_channel_id", "state", "external_code", "reason", "starts_at"),
        ((product, channel, ListingState.LIVE.value, "", "", at) for product, channel in channels),
    )


def _check(products: Sequence[NewProduct]) -> None:
    if any(not product.variants for product in products):
        raise InvalidInput(_("A product needs at least one variant with an SKU."))
    variants = [variant for product in products for variant in product.variants]
    if any(not product.code for product in products) or any(not variant.sku for variant in variants):
        raise InvalidInput(_("Every product needs a code and every variant an SKU."))
    for product in products:
        _check_options(product)
    _refuse_taken(Product.objects, "code", [product.code for product in products])
    _refuse_taken(Variant.objects, "sku", [variant.sku for variant in variants])
    _refuse_taken(Variant.objects, "barcode", [variant.barcode for variant in variants if variant.barcode])
    _refuse_taken(
        VariantCode.objects.filter(sales_channel=None), "code", [code for variant in variants for code in variant.codes]
    )


def _check_options(product: NewProduct) -> None:
    """Raise InvalidInput unless each combination of options stands once, and no option is empty."""
    combinations = Counter(frozenset(one.options.items()) for one in product.variants if one.options)
    if any(count > 1 for count in combinations.values()):
        raise InvalidInput(_("Two variants of “%(product)s” have the same options.") % {"product": product.name})
    named = {word for one in product.variants for pair in one.options.items() for word in pair}
    axes = {axis for one in product.variants for axis in one.options}
    if "" in named or len(axes) > MAX_AXES:
        raise InvalidInput(_("A product has at most %(count)s options, each with a name.") % {"count": MAX_AXES})


def _refuse_taken(rows: models.Manager[Any] | models.QuerySet[Any], name: str, values: list[str]) -> None:
    """Raise Conflict when a value occurs twice among ``values`` or is in the database."""
    twice = {value for value, count in Counter(values).items() if count > 1}
    taken = twice | set(rows.filter(**{f"{name}__in": values}).values_list(name, flat=True))
    if taken:
        shown = ", ".join(sorted(taken)[:10])
        raise Conflict(_("Already in use: %(values)s") % {"values": shown})
