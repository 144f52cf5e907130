"""What the invented shop sells: planned from the seed alone, no database."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from backoffice.demo.barcodes import internal_gtin
from backoffice.demo.vocabulary import load

LANGUAGES = ("en", "ko", "ja")
YEN_PER_WON = 0.112
# (share of all products, part of the period after which they are launched)
WAVES = ((0.70, 0.0), (0.08, 0.2), (0.08, 0.4), (0.07, 0.6), (0.07, 0.8))


@dataclass(frozen=True, slots=True)
class Offer:
    """What a product costs on a channel from ``starts_at`` on."""

    starts_at: datetime
    amount: int
    compare_at: int | None = None


@dataclass(slots=True)
class PlannedVariant:
    """One SKU: colour and size."""

    sku: str
    barcode: str
    colour: str
    size: str
    weight_g: int
    appeal: float  # share of the product's demand

    def options(self, language: str) -> str:
        """Return e.g. "Black / M" in a language."""
        return " / ".join(part for part in (colour_name(self.colour, language), self.size) if part)


@dataclass(slots=True)
class PlannedProduct:
    """One product with its variants and what it costs where."""

    code: str
    names: Mapping[str, str]  # by language
    descriptions: Mapping[str, str]
    brand: str
    category: tuple[str, str]
    shape: str
    pattern: str
    season: str
    launched_at: datetime
    appeal: float
    variants: list[PlannedVariant]
    kind: str  # code of the type of goods in the vocabulary
    traits: Mapping[str, Sequence[str]]  # the words that make it: list of the vocabulary -> [English, Korean, Japanese]
    offers: dict[str, list[Offer]] = field(default_factory=dict)  # by channel code, in order of time

    def price(self, channel: str, at: datetime) -> int:
        """Return the price that held at a moment."""
        held = [offer for offer in self.offers[channel] if offer.starts_at <= at]
        return (held[-1] if held else self.offers[channel][0]).amount


def colour_name(colour: str, language: str) -> str:
    """Return the colour's name in a language."""
    return str(load("catalogue")["colours"][colour][LANGUAGES.index(language)])


def plan_catalogue(*, rng: random.Random, count: int, start: datetime, now: datetime) -> list[PlannedProduct]:
    """Return ``count`` products of all kinds, the most wanted first, with prices on every channel that offers them."""
    types = load("catalogue")["type"]
    products = []
    for kind, wanted in zip(types, _shares(types, count), strict=True):
        words = list(product(*(load("catalogue")["words"][name] for name in kind["words"])))
        for number, chosen in enumerate(rng.sample(words, wanted), start=1):
            products.append(_product(rng, kind, number, chosen, start))
    rng.shuffle(products)
    for rank, one in enumerate(products, start=1):
        one.appeal *= 1 / (rank + 6) ** 0.8
    _launch(rng, products, start, now)
    for serial, variant in enumerate((v for one in products for v in one.variants), start=1):
        variant.barcode = internal_gtin(serial)
    for one in products:
        _price(rng, one, start, now)
    return products


def plan_novelties(
    *, rng: random.Random, sold: Sequence[PlannedProduct], count: int, now: datetime
) -> list[PlannedProduct]:
    """Return ``count`` products that are being registered: of kinds that are sold, with names nobody has used yet."""
    types = load("catalogue")["type"]
    used = {one.names["en"] for one in sold}
    numbers = Counter(one.kind for one in sold)
    novelties: list[PlannedProduct] = []
    for kind in rng.sample(types, min(count, len(types))):
        words = list(product(*(load("catalogue")["words"][name] for name in kind["words"])))
        free = [chosen for chosen in words if " ".join([*(word[0] for word in chosen), kind["names"][0]]) not in used]
        numbers[kind["code"]] += 1
        one = _product(rng, kind, numbers[kind["code"]], rng.choice(free), now)
        _price(rng, one, now - timedelta(days=1), now)
        one.offers = {channel: offers[:1] for channel, offers in one.offers.items()}
        novelties.append(one)
    first = sum(len(one.variants) for one in sold) + 1
    for serial, variant in enumerate((v for one in novelties for v in one.variants), start=first):
        variant.barcode = internal_gtin(serial)
    return novelties


def _shares(types: Sequence[Mapping[str, Any]], count: int) -> list[int]:
    """Split ``count`` over the types by share; the first ones get what rounding leaves."""
    total = sum(kind["share"] for kind in types)
    parts = [count * kind["share"] // total for kind in types]
    for place in range(count - sum(parts)):
        parts[place % len(parts)] += 1
    return parts


def _product(
    rng: random.Random, kind: Mapping[str, Any], number: int, words: Sequence[Sequence[str]], start: datetime
) -> PlannedProduct:
    vocabulary = load("catalogue")
    names = {
        language: " ".join([*(word[place] for word in words), kind["names"][place]])
        for place, language in enumerate(LANGUAGES)
    }
    template = rng.randrange(3)
    descriptions = {
        language: vocabulary["descriptions"][language][template].format(
            name=names[language], type=kind["names"][place].lower()
        )
        for place, language in enumerate(LANGUAGES)
    }
    code = f"{kind['code']}{number:03d}"
    low, high = kind["krw"]
    won = round(rng.triangular(low, high, low * 0.6 + high * 0.4) / 1000) * 1000
    return PlannedProduct(
        code=code,
        names=names,
        descriptions=descriptions,
        brand=rng.choices(list(vocabulary["brands"]), weights=list(vocabulary["brands"].values()))[0],
        category=(kind["category"][0], kind["category"][1]),
        shape=kind["shape"],
        pattern=rng.choice(["", "", *kind["patterns"]]),
        season=kind["season"],
        launched_at=start,
        appeal=kind["share"],
        variants=_variants(rng, kind, code),
        kind=kind["code"],
        traits=dict(zip(kind["words"], words, strict=True)),
        offers={"": [Offer(start, max(won - 100, 3900))]},
    )


def _variants(rng: random.Random, kind: Mapping[str, Any], code: str) -> list[PlannedVariant]:
    vocabulary = load("catalogue")
    sizes = vocabulary["sizes"][kind["sizes"]] or [""]
    palette = vocabulary["palettes"][kind["palette"]]
    many = {1: [1, 2, 2, 3, 4], 2: [1, 2], 3: [1, 1, 1, 2], 4: [1, 1, 2], 5: [1]}[len(sizes)]
    colours = rng.sample(palette, min(rng.choice(many), len(palette)))
    middle = (len(sizes) - 1) / 2
    return [
        PlannedVariant(
            sku="-".join(part for part in (code, colour[:3].upper(), size[:3].upper()) if part),
            barcode="",
            colour=colour,
            size=size,
            weight_g=kind["grams"] + 10 * rng.randrange(-2, 3) * (kind["grams"] > 100),
            appeal=1 / (place + 1) ** 0.7 / (1 + abs(sizes.index(size) - middle) * 0.5),
        )
        for place, colour in enumerate(colours)
        for size in sizes
    ]


def _launch(rng: random.Random, products: Sequence[PlannedProduct], start: datetime, now: datetime) -> None:
    """Spread the first days of sale over the waves; the shop opens with most of its goods."""
    waves = [start + (now - start) * part for _share, part in WAVES]
    for one in products:
        one.launched_at = rng.choices(waves, weights=[share for share, _part in WAVES])[0]


def _price(rng: random.Random, one: PlannedProduct, start: datetime, now: datetime) -> None:
    """Set prices: a first one, for some a later change, for a few a sale that runs now and ends next week."""
    [base] = one.offers.pop("")
    is_dearer = rng.random() < 0.04 and one.launched_at == start
    is_on_sale = not is_dearer and rng.random() < 0.025
    change_at = start + (now - start) * rng.uniform(0.3, 0.8)
    for channel in load("shop")["channel"]:
        if channel["coverage"] <= rng.random():
            continue
        is_own = channel["kind"] in {"own", "shopify"}
        amount = local_price(base.amount * channel["markup"], channel["currency"])
        offers = [Offer(one.launched_at, amount)]
        if is_own and is_dearer:
            offers.append(Offer(change_at, local_price(amount * 1.08, channel["currency"], is_local=True)))
        if is_own and is_on_sale:
            lower = local_price(amount * 0.8, channel["currency"], is_local=True)
            offers += [Offer(now - timedelta(days=3), lower, amount), Offer(now + timedelta(days=7), amount)]
        one.offers[channel["code"]] = offers


def local_price(won: float, currency: str, *, is_local: bool = False) -> int:
    """Return a price as shops write it, ₩ ending in 900, ¥ in 80; with ``is_local`` the amount is in ``currency``."""
    if currency == "KRW":
        return max(int(won / 1000) * 1000 + 900, 2900)
    yen = won if is_local else won * YEN_PER_WON
    return max(int(yen / 100) * 100 + 80, 380)
