"""Gift sets: products whose variant is made of others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from backoffice.demo.catalogue import LANGUAGES, Offer, PlannedProduct, PlannedVariant, local_price
from backoffice.demo.describing import describe, write_texts
from backoffice.demo.goods import hang_pictures, new_products, variant_ids
from backoffice.demo.vocabulary import load
from catalog.services import create_products, put_component
from staff.models import User

CHANNELS = ("seoul-shop", "naver", "osaka-shop")


def pack_bundles(*, products: Sequence[PlannedProduct], now: datetime, actor: User) -> None:
    """Make the sets of the vocabulary out of the most wanted goods, and sell them."""
    entries = [entry for entry in load("registration")["bundles"] if _parts(entry, products)]
    bundles = [_planned(entry, _parts(entry, products), now) for entry in entries]
    create_products(products=new_products(bundles), is_active=True, prices_from=now, actor=actor)
    ids = variant_ids()
    for entry, bundle in zip(entries, bundles, strict=True):
        for part, pieces in _parts(entry, products):
            put_component(
                bundle_id=ids[bundle.code], component_id=ids[part.variants[0].sku], quantity=pieces, actor=actor
            )
    write_texts(products=bundles, actor=actor)
    hang_pictures(products=bundles, first=len(products), actor=actor)
    describe(products=bundles, actor=actor)


def _parts(entry: Mapping[str, Any], products: Sequence[PlannedProduct]) -> list[tuple[PlannedProduct, int]]:
    """Return the goods of a set with their pieces; none when the shop does not sell one of them."""
    found = [(next((one for one in products if one.kind == kind), None), pieces) for kind, pieces in entry["parts"]]
    return [(one, pieces) for one, pieces in found if one is not None] if all(one for one, _n in found) else []


def _planned(entry: Mapping[str, Any], parts: Sequence[tuple[PlannedProduct, int]], now: datetime) -> PlannedProduct:
    """Return the set as a product of its first part's kind."""
    first = parts[0][0]
    names = dict(zip(LANGUAGES, entry["names"], strict=True))
    won = sum(one.offers["seoul-shop"][0].amount * pieces for one, pieces in parts) * (100 - entry["off"]) / 100
    weight = sum(one.variants[0].weight_g * pieces for one, pieces in parts)
    currencies = {one["code"]: one["currency"] for one in load("shop")["channel"]}
    return PlannedProduct(
        code=entry["code"],
        names=names,
        descriptions={
            language: f"{names[language]}: {' + '.join(f'{one.names[language]} × {n}' for one, n in parts)}"
            for language in LANGUAGES
        },
        brand=first.brand,
        category=(entry["category"][0], entry["category"][1]),
        shape=first.shape,
        pattern="dots",
        season="all",
        launched_at=now,
        appeal=1.0,
        variants=[
            PlannedVariant(
                sku=entry["code"],
                barcode="",
                colour=first.variants[0].colour,
                size="",
                weight_g=weight,
                appeal=1.0,
            )
        ],
        kind=first.kind,
        traits=first.traits,
        offers={channel: [Offer(now, local_price(won, currencies[channel]))] for channel in CHANNELS},
    )
