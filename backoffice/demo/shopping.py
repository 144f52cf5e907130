"""Who orders what: the invented orders as their channels would tell them."""

import random
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import accumulate
from typing import Any

from backoffice.demo.catalogue import PlannedProduct, PlannedVariant
from backoffice.demo.demand import Visit, season_factor
from backoffice.demo.people import Crowd, Person
from backoffice.demo.vocabulary import load

NEW_BUYERS = 0.37  # the others come back; one mall hides who they are, so some are known twice
LANGUAGE_OF = {"KR": "ko", "JP": "ja"}


@dataclass(slots=True)
class PlannedLine:
    """One position; ``total`` is after the campaign's discount. Without a SKU it is a service."""

    kind: str
    sku: str
    name: str
    options: str
    quantity: int
    unit_price: int
    total: int


@dataclass(slots=True)
class Fate:
    """What becomes of an order and when; None: it does not happen (yet)."""

    paid_at: datetime | None = None
    is_paid_by_hand: bool = False  # the transfer is found by a colleague; else the channel tells
    gone_at_source: datetime | None = None  # cancelled by the buyer before it reached us
    confirmed_at: datetime | None = None
    cancelled_at: datetime | None = None
    partly_shipped_at: datetime | None = None
    shipped_at: datetime | None = None
    returned_at: datetime | None = None
    reason: str = ""  # of the cancellation or return
    is_damaged: bool = False  # what came back cannot be sold again
    problem: str = ""  # what has to be checked: unknown_sku, no_address, total
    waits: bool = False  # for stock


@dataclass(slots=True)
class PlannedOrder:
    """One order with all that will happen to it."""

    channel: str
    number: str
    placed_at: datetime
    country: str
    currency: str
    buyer_code: str
    buyer: Person
    recipient: Person
    lines: list[PlannedLine]
    payment_method: str
    is_prepaid: bool
    note: str
    fate: Fate = field(default_factory=Fate)

    @property
    def goods(self) -> list[PlannedLine]:
        """The lines that are pieces of something."""
        return [line for line in self.lines if line.sku]

    @property
    def total(self) -> int:
        """What the buyer pays."""
        return sum(line.total for line in self.lines)


class Shopping:
    """Turns visits into orders."""

    def __init__(self, rng: random.Random, products: Sequence[PlannedProduct], now: datetime) -> None:
        self.rng = rng
        self.products = products
        self.now = now
        self.channels: dict[str, Mapping[str, Any]] = {one["code"]: one for one in load("shop")["channel"]}
        self.serials = dict.fromkeys(self.channels, 0)
        self._shelves: dict[tuple[str, int, int], _Shelf] = {}

    @cached_property
    def crowds(self) -> dict[str, Crowd]:
        """The buyers of each country."""
        return {country: Crowd(country, random.Random(self.rng.random())) for country in LANGUAGE_OF}  # noqa: S311

    def order(self, visit: Visit) -> PlannedOrder:
        """Return the order of one visit."""
        rng, channel = self.rng, self.channels[visit.channel]
        country: str = channel["country"]
        place, buyer = self.crowds[country].buyer(is_new=rng.random() < NEW_BUYERS)
        recipient = self.crowds[country].person() if rng.random() < 0.06 else buyer
        lines = self._goods(visit, channel)
        method, _share, is_prepaid = rng.choices(channel["payments"], weights=[one[1] for one in channel["payments"]])[
            0
        ]
        lines += self._extras(channel, sum(line.total for line in lines), is_prepaid=is_prepaid)
        self.serials[visit.channel] += 1
        serial = self.serials[visit.channel]
        number = channel["number"].format(serial=10_000 + serial * 3, day=visit.at, high=1_000_000 + serial * 7)
        return PlannedOrder(
            channel=visit.channel,
            number=number,
            placed_at=visit.at,
            country=country,
            currency=channel["currency"],
            buyer_code=f"{visit.channel[:2].upper()}{country}{place:06d}",
            buyer=buyer,
            recipient=recipient,
            lines=lines,
            payment_method=method,
            is_prepaid=is_prepaid,
            note=rng.choice(load("shop")["reasons"][f"note_{country}"]) if rng.random() < 0.12 else "",
        )

    def _goods(self, visit: Visit, channel: Mapping[str, Any]) -> list[PlannedLine]:
        rng = self.rng
        key = (visit.channel, visit.at.year, visit.at.month)
        if key not in self._shelves:
            self._shelves[key] = _Shelf(self.products, visit.channel, visit.at)
        lines: dict[str, PlannedLine] = {}
        for _n in range(rng.choices((1, 2, 3, 4, 5), weights=(58, 25, 10, 5, 2))[0]):
            product, variant = self._shelves[key].pick(rng)
            if variant.sku in lines:
                continue
            price = product.price(visit.channel, visit.at)
            quantity = rng.choices((1, 2, 3), weights=(90, 8, 2) if price > 20_000 else (80, 15, 5))[0]
            amount = price * quantity
            language = LANGUAGE_OF[channel["country"]]
            lines[variant.sku] = PlannedLine(
                kind="product",
                sku=variant.sku,
                name=product.names[language],
                options=variant.options(language),
                quantity=quantity,
                unit_price=price,
                total=amount - amount * visit.discount // 1000 * 10,
            )
        return list(lines.values())

    def _extras(self, channel: Mapping[str, Any], goods: int, *, is_prepaid: bool) -> list[PlannedLine]:
        rng, fees, country = self.rng, load("shop")["fees"], channel["country"]
        extras = []
        if goods < channel["free_shipping_from"]:
            extras.append(_service("shipping", fees[f"shipping_{country}"], channel["shipping_fee"]))
        if not is_prepaid:
            extras.append(_service("fee", *fees["cash_on_delivery"]))
        if rng.random() < 0.03:
            extras.append(_service("gift", *fees[f"gift_{country}"]))
        if rng.random() < 0.08 and channel["kind"] in {"own", "shopify"}:
            extras.append(_service("discount", fees[f"discount_{country}"], -(goods // 1000 * 50)))
        return [line for line in extras if line.total]


class _Shelf:
    """What a channel offers in one month, the wanted things in front."""

    def __init__(self, products: Sequence[PlannedProduct], channel: str, at: datetime) -> None:
        self.products = [one for one in products if channel in one.offers and one.launched_at <= at] or [
            one for one in products if channel in one.offers
        ]
        self.weights = list(accumulate(one.appeal * season_factor(one.season, at.month) for one in self.products))

    def pick(self, rng: random.Random) -> tuple[PlannedProduct, PlannedVariant]:
        product = self.products[bisect(self.weights, rng.random() * self.weights[-1], hi=len(self.weights) - 1)]
        weights = [variant.appeal for variant in product.variants]
        return product, rng.choices(product.variants, weights=weights)[0]


def _service(kind: str, name: str, amount: int) -> PlannedLine:
    return PlannedLine(kind, "", name, "", 1, amount, amount)


def plan_orders(
    *, rng: random.Random, visits: Sequence[Visit], products: Sequence[PlannedProduct], now: datetime
) -> list[PlannedOrder]:
    """Return the orders of all visits, in order of time."""
    shopping = Shopping(rng, products, now)
    return [shopping.order(visit) for visit in visits]


def days_ago(order: PlannedOrder, now: datetime) -> float:
    """Return how old the order is, in days."""
    return (now - order.placed_at) / timedelta(days=1)
