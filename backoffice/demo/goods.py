"""The catalogue with its prices and pictures, and the stock."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.core.files.base import ContentFile

from backoffice.demo.catalogue import PlannedProduct, PlannedVariant, colour_name
from backoffice.demo.premises import category_ids, channel_ids, warehouse_ids
from backoffice.demo.silhouettes import draw
from backoffice.demo.stocking import LOW_AT, Place
from backoffice.demo.vocabulary import load
from catalog.models import Product, Variant
from catalog.services import LaterPrice, NewProduct, NewVariant, add_image, create_products
from core.events import owing_nobody
from inventory.models import EntryKind, StockItem
from inventory.services import EntryLine, post_entry
from staff.models import User

Shown = tuple[int, PlannedProduct, PlannedVariant]


def register_products(*, products: Sequence[PlannedProduct], actor: User) -> None:
    """Create the products, wave by wave, with the prices they started with and what became of these since."""
    channels, categories = channel_ids(), category_ids()
    waves: dict[datetime, list[PlannedProduct]] = defaultdict(list)
    for one in products:
        waves[one.launched_at].append(one)
    for launched_at in sorted(waves):
        create_products(
            products=[_new(one, categories[one.category], channels) for one in waves[launched_at]],
            is_active=True,
            prices_from=launched_at,
            actor=actor,
        )


def hang_pictures(*, products: Sequence[PlannedProduct], first: int, actor: User) -> None:
    """Draw and add a picture of each product in its first colour; the most wanted ones show every colour."""
    ids = dict(Product.objects.filter(code__in=[one.code for one in products]).values_list("code", "pk"))
    variants = variant_ids()
    shown = [entry for rank, one in enumerate(products, start=first) for entry in _shown(rank, one)]
    with ThreadPoolExecutor(max_workers=2) as pool:  # Pillow lets go of the interpreter while it draws
        drawn = pool.map(_draw, shown)
        for (_rank, one, variant), picture in zip(shown, drawn, strict=True):
            add_image(
                product_id=ids[one.code],
                file=ContentFile(picture, name=f"{one.code}.webp"),
                alt_text=f"{one.names['en']}, {colour_name(variant.colour, 'en')}",
                variant_id=variants[variant.sku] if len({each.colour for each in one.variants}) > 1 else None,
                actor=actor,
            )


def _shown(rank: int, one: PlannedProduct) -> list[Shown]:
    """Return the variants that get a picture: the first, of the hundred most wanted products one of each colour."""
    by_colour: dict[str, PlannedVariant] = {}
    for variant in one.variants:
        by_colour.setdefault(variant.colour, variant)
    variants = list(by_colour.values())
    return [(rank, one, variant) for variant in (variants if rank < 100 else variants[:1])]


def _draw(shown: Shown) -> bytes:
    rank, one, variant = shown
    colour = load("catalogue")["colours"][variant.colour][3]
    return draw(shape=one.shape, colour=colour, pattern=one.pattern, seed=rank)


def count_stock(*, opening: Mapping[Place, int], actor: User) -> None:
    """Make the stock items with their alert levels and post the opening counts, one document for each warehouse.

    No order is there yet that could wait for stock, so none of the thousands of facts is owed to anybody.
    """
    variants, warehouses = variant_ids(), warehouse_ids()
    StockItem.objects.bulk_create(
        [StockItem(variant_id=variants[sku], warehouse_id=warehouses[code], low_at=LOW_AT) for sku, code in opening]
    )
    for code in warehouses:
        lines = [
            EntryLine(variant_id=variants[sku], warehouse_id=warehouses[code], quantity=pieces)
            for (sku, place), pieces in opening.items()
            if place == code
        ]
        with owing_nobody():
            post_entry(kind=EntryKind.OPENING, lines=lines, reference=f"Opening count {code}", actor=actor)


def receive_stock(*, at: datetime, pieces: Mapping[Place, int], actor: User) -> None:
    """Post one delivery of a supplier."""
    skus = {sku for sku, _code in pieces}
    variants = dict(Variant.objects.filter(sku__in=skus).values_list("sku", "pk"))
    warehouses = warehouse_ids()
    lines = [
        EntryLine(variant_id=variants[sku], warehouse_id=warehouses[code], quantity=count)
        for (sku, code), count in sorted(pieces.items())
    ]
    post_entry(kind=EntryKind.RECEIPT, lines=lines, reference=f"Delivery of {at:%Y-%m-%d}", actor=actor)


def variant_ids() -> dict[str, int]:
    """Return the variants by SKU."""
    return dict(Variant.objects.values_list("sku", "pk"))


def _chosen(variant: PlannedVariant) -> list[tuple[str, str]]:
    return [("Colour", colour_name(variant.colour, "en") if variant.colour else ""), ("Size", variant.size)]


def _new(one: PlannedProduct, category_id: int, channels: Mapping[str, int]) -> NewProduct:
    prices = {channels[code]: offers[0].amount for code, offers in one.offers.items()}
    later = [
        LaterPrice(
            sales_channel_id=channels[code],
            starts_at=offer.starts_at,
            amount=offer.amount,
            compare_at=offer.compare_at,
        )
        for code, offers in one.offers.items()
        for offer in offers[1:]
    ]
    return NewProduct(
        code=one.code,
        name=one.names["en"],
        brand=one.brand,
        category_id=category_id,
        texts={language: (title, one.descriptions[language]) for language, title in one.names.items()},
        variants=[
            NewVariant(
                sku=variant.sku,
                name=variant.options("en"),
                barcode=variant.barcode,
                weight_g=variant.weight_g,
                prices=prices,
                later_prices=later,
                options={axis: value for axis, value in _chosen(variant) if value},
            )
            for variant in one.variants
        ],
    )
