"""The catalogue with its prices and pictures, and the stock."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pgtrigger
from django.core.files.base import ContentFile
from django.db.models import F

from backoffice.demo.catalogue import PlannedProduct, PlannedVariant, colour_name
from backoffice.demo.facts import chance, facts_of
from backoffice.demo.premises import category_ids, channel_ids, warehouse_ids
from backoffice.demo.silhouettes import draw, draw_for_malls
from backoffice.demo.stocking import LOW_AT, Place
from backoffice.demo.vocabulary import load
from catalog.models import ExpiryKind, Price, Product, ProductType, Variant
from catalog.services import LaterPrice, NewProduct, NewVariant, add_image, create_products
from core.events import owing_nobody
from inventory.models import EntryKind, StockItem
from inventory.services import EntryLine, post_entry
from staff.models import User

MALL_READY = 20  # the most wanted goods, whose pictures fit every channel

Shown = tuple[int, PlannedProduct, PlannedVariant]


def register_products(*, products: Sequence[PlannedProduct], actor: User) -> None:
    """Create the products, wave by wave, with the prices they started with and what became of these since.

    The books of an invented past were kept when it happened: its products were registered and its prices recorded then,
    or no “price before” of the demo could be proved.
    """
    waves: dict[datetime, list[PlannedProduct]] = defaultdict(list)
    for one in products:
        waves[one.launched_at].append(one)
    for launched_at in sorted(waves):
        ids = create_products(
            products=new_products(waves[launched_at]), is_active=True, prices_from=launched_at, actor=actor
        )
        Product.objects.filter(pk__in=ids).update(created_at=launched_at)
    with pgtrigger.ignore("catalog.Price:catalog_price_past_stays"):
        Price.objects.filter(starts_at__lt=F("recorded_at")).update(recorded_at=F("starts_at"))
    Product.objects.filter(product_type__code="cosmetic").update(expiry_kind=ExpiryKind.USE_BY, shelf_life_days=1095)
    Product.objects.filter(product_type__code="fragrance").update(
        expiry_kind=ExpiryKind.BEST_BEFORE, shelf_life_days=730
    )


def new_products(products: Sequence[PlannedProduct]) -> list[NewProduct]:
    """Return planned products in the words of the catalogue."""
    channels, categories = channel_ids(), category_ids()
    types = dict(ProductType.objects.values_list("code", "pk"))
    return [_new(one, categories[one.category], channels, types) for one in products]


def hang_pictures(*, products: Sequence[PlannedProduct], first: int, actor: User) -> None:
    """Draw and add a picture of each product in its first colour; the most wanted ones show every colour."""
    ids = dict(Product.objects.filter(code__in=[one.code for one in products]).values_list("code", "pk"))
    variants = variant_ids()
    shown = [entry for rank, one in enumerate(products, start=first) for entry in _shown(rank, one)]
    with ThreadPoolExecutor(max_workers=2) as pool:  # Pillow lets go of the interpreter while it draws
        drawn = pool.map(_draw, shown)
        for entry, picture in zip(shown, drawn, strict=True):
            _rank, one, variant = entry
            add_image(
                product_id=ids[one.code],
                file=ContentFile(picture, name=f"{one.code}.{'jpg' if _is_for_malls(entry) else 'webp'}"),
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


def _is_for_malls(shown: Shown) -> bool:
    rank, one, variant = shown
    return rank < MALL_READY and variant is one.variants[0]


def _draw(shown: Shown) -> bytes:
    rank, one, variant = shown
    colour = load("catalogue")["colours"][variant.colour][3]
    if _is_for_malls(shown):
        return draw_for_malls(shape=one.shape, colour=colour, pattern=one.pattern)
    return draw(shape=one.shape, colour=colour, pattern=one.pattern, seed=rank)


def count_stock(*, opening: Mapping[Place, int], unwatched: Collection[Place] = (), actor: User) -> None:
    """Make the stock items with their alert levels and post the opening counts, one document for each warehouse.

    No order is there yet that could wait for stock, so none of the thousands of facts is owed to anybody.
    """
    variants, warehouses = variant_ids(), warehouse_ids()
    StockItem.objects.bulk_create(
        [
            StockItem(
                variant_id=variants[sku],
                warehouse_id=warehouses[code],
                low_at=0 if (sku, code) in unwatched else LOW_AT,
            )
            for sku, code in opening
        ]
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


def _costs(one: PlannedProduct, channels: Mapping[str, int]) -> dict[int, int]:
    """Return what one piece costs us: 36 to 50 % of the first price, the way across the sea 4 % more."""
    share = 36 + chance(one, "cost", 15)
    japanese = {entry["code"] for entry in load("shop")["channel"] if entry["country"] == "JP"}
    return {
        channels[code]: offers[0].amount * (share + 4 * (code in japanese)) // 100
        for code, offers in one.offers.items()
    }


def _new(one: PlannedProduct, category_id: int, channels: Mapping[str, int], types: Mapping[str, int]) -> NewProduct:
    facts = facts_of(one)
    prices = {channels[code]: offers[0].amount for code, offers in one.offers.items()}
    costs = _costs(one, channels)
    has_list_price = chance(one, "list price", 3) == 0
    list_prices = {channel: amount * 118 // 1000 * 10 for channel, amount in prices.items()} if has_list_price else {}
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
        maker=facts.maker[0],
        category_id=category_id,
        product_type_id=types[facts.kind],
        colours={
            colour_name(variant.colour, "en"): load("catalogue")["colours"][variant.colour][3]
            for variant in one.variants
            if variant.colour
        },
        variants=[
            NewVariant(
                sku=variant.sku,
                name=variant.options("en"),
                barcode=variant.barcode,
                weight_g=variant.weight_g,
                length_mm=facts.box[0],
                width_mm=facts.box[1],
                height_mm=facts.box[2],
                hs_code=facts.hs_code,
                origin_country=facts.country,
                prices=prices,
                list_prices=list_prices,
                costs=costs,
                later_prices=later,
                options={axis: value for axis, value in _chosen(variant) if value},
            )
            for variant in one.variants
        ],
    )
