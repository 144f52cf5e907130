"""Where goods are sold, and for how much: what is planned, running, paused and over, and what has to be approved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from backoffice.demo.catalogue import PlannedProduct, local_price
from backoffice.demo.describing import product_ids
from backoffice.demo.premises import channel_ids
from backoffice.demo.vocabulary import load
from catalog.models import CodeKind, Price, Variant, WishKind
from catalog.selectors.pricing import running_prices
from catalog.services import (
    PriceRow,
    PriceState,
    add_code,
    end_listings,
    end_product,
    list_products,
    pause_listings,
    save_wish,
    set_prices,
)
from catalog.services.prices.rules import Choice, Kind, PriceRule, Rounding
from catalog.services.prices.runs import draft_price_run, start_price_run
from catalog.services.products.editing import GoodsEdits, edit_goods
from core.jobs import run as run_job
from core.models import JobState
from staff.models import User


@dataclass(frozen=True, slots=True)
class Market:
    """The products in order of demand, where they are, who acts, and the moment of filling."""

    products: Sequence[PlannedProduct]
    ids: Mapping[str, int]
    channels: Mapping[str, int]
    actor: User
    now: datetime

    def some(self, part: float, least: int, share: int) -> list[PlannedProduct]:
        """Return a slice of the products that begins at ``part`` of the ranks."""
        first = int(len(self.products) * part)
        return list(self.products[first : first + max(least, len(self.products) // share)])

    def without(self, channel: str, count: int) -> list[PlannedProduct]:
        """Return the first ``count`` products that are not sold on a channel."""
        return [one for one in self.products if channel not in one.offers][:count]


def market_of(*, products: Sequence[PlannedProduct], actor: User) -> Market:
    """Return what the stories of this module need."""
    return Market(products, product_ids(products), channel_ids(), actor, timezone.now())


def move_listings(market: Market) -> None:
    """Pause some products on a channel, end some, plan some, and schedule some for next week."""
    words = load("registration")["words"]
    for place, one in enumerate(market.some(0.45, 4, 60)):
        where = list(one.offers)[-1 if place % 3 else 0]
        pause_listings(
            product_ids=[market.ids[one.code]],
            sales_channel_ids=[market.channels[where]],
            reason=words["pause"][place % len(words["pause"])],
            actor=market.actor,
        )
    for place, one in enumerate(market.some(0.6, 4, 50)):
        end_listings(
            product_ids=[market.ids[one.code]],
            sales_channel_ids=[market.channels[list(one.offers)[-1]]],
            reason=words["end"][place % len(words["end"])],
            actor=market.actor,
        )
    _schedule(market)
    _end_soon(market)


def _schedule(market: Market) -> None:
    """Let products start on a channel that is new to them, with a price from that moment; others only plan to."""
    start = market.now.replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
    going = market.without("amazon-jp", max(4, len(market.products) // 60))
    set_prices(
        rows=[
            PriceRow(variant_id=pk, sales_channel_id=market.channels["amazon-jp"], amount=amount, starts_at=start)
            for one, pk, _now in _prices(going, "seoul-shop", market)
            for amount in [local_price(one.offers["seoul-shop"][0].amount * 1.05, "JPY")]
        ],
        actor=market.actor,
    )
    ids = [market.ids[one.code] for one in going]
    channel = [market.channels["amazon-jp"]]
    list_products(product_ids=ids, sales_channel_ids=channel, starts_at=start, actor=market.actor)
    # without a price they cannot be live: what was asked for is refused, and stays as a plan
    planned = [market.ids[one.code] for one in market.without("coupang", max(4, len(market.products) // 60))]
    list_products(product_ids=planned, sales_channel_ids=[market.channels["coupang"]], actor=market.actor)


def _end_soon(market: Market) -> None:
    """Let a few leave a channel the day after tomorrow."""
    for one in market.some(0.3, 3, 200):
        ids, channel = [market.ids[one.code]], [market.channels["seoul-shop"]]
        until = market.now.replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
        list_products(product_ids=ids, sales_channel_ids=channel, ends_at=until, actor=market.actor)


def move_prices(market: Market) -> None:
    """Plan dearer prices, run a campaign of five days, and ask for a few prices that are too low."""
    start = (market.now + timedelta(days=10)).replace(minute=0, second=0, microsecond=0)
    dearer = _prices(market.some(0.1, 5, 25), "naver", market)
    campaign = _prices(market.some(0.02, 4, 40), "naver", market)
    cheap = list(_prices(market.some(0.2, 2, 200), "coupang", market))[:6]
    reasons = load("registration")["words"]["waiting"]
    rows = [
        PriceRow(
            variant_id=pk,
            sales_channel_id=held.sales_channel_id,
            amount=local_price(held.amount * 1.06, held.currency, is_local=True) + 1000,
            starts_at=start,
        )
        for _one, pk, held in dearer
    ]
    rows += [
        PriceRow(
            variant_id=pk,
            sales_channel_id=held.sales_channel_id,
            amount=local_price(held.amount * 0.85, held.currency, is_local=True),
            compare_at=held.amount,
            ends_at=market.now + timedelta(days=5),
        )
        for _one, pk, held in campaign
    ]
    rows += [
        PriceRow(
            variant_id=pk,
            sales_channel_id=held.sales_channel_id,
            amount=(held.cost or held.amount) * 110 // 1000 * 10,
            reason=reasons[place % len(reasons)],
        )
        for place, (_one, pk, held) in enumerate(cheap)
    ]
    outcomes = set_prices(rows=rows, actor=market.actor)
    refused = [outcome.sentence for outcome in outcomes if outcome.state == PriceState.REFUSED]
    if refused:
        raise RuntimeError(f"not as planned: {refused[:3]}")


def change_by_rule(market: Market) -> None:
    """Let one brand become dearer by a rule that is applied, and leave another rule as a draft."""
    start = (market.now + timedelta(days=12)).replace(minute=0, second=0, microsecond=0)
    dearer = PriceRule(
        choice=Choice.BRAND,
        chosen=["Slow Harbor"],
        channel_ids=[market.channels["naver"]],
        kind=Kind.PERCENT,
        value="4",
        rounding=Rounding.END_900,
        starts_at=start,
    )
    run = start_price_run(run_id=draft_price_run(rule=dearer, actor=market.actor).pk, actor=market.actor)
    if run.job is None or run_job(run.job.pk) != JobState.DONE:
        raise RuntimeError("not as planned: prices by rule were not applied")
    gifts = PriceRule(
        choice=Choice.TAG,
        chosen=["gift"],
        channel_ids=[market.channels["seoul-shop"], market.channels["naver"]],
        kind=Kind.PERCENT,
        value="-10",
        rounding=Rounding.END_900,
        show_before=True,
        starts_at=start,
        ends_at=start + timedelta(days=7),
    )
    draft_price_run(rule=gifts, actor=market.actor)


def _prices(
    products: Sequence[PlannedProduct], channel: str, market: Market
) -> Iterator[tuple[PlannedProduct, int, Price]]:
    """Yield each variant of these products that has a price on the channel now, with that price."""
    by_id = {market.ids[one.code]: one for one in products}
    variants = dict(Variant.objects.filter(product__in=by_id).order_by("sku").values_list("pk", "product_id"))
    held = running_prices(variant_ids=list(variants))
    for pk, product in variants.items():
        price = held.get((pk, market.channels[channel]))
        if price is not None and price.compare_at is None:
            yield by_id[product], pk, price


def replace_products(market: Market) -> None:
    """End the least wanted products; of every second one, another of its kind takes the place."""
    last = market.products[-max(3, len(market.products) // 45) :]
    staying = [one for one in market.products if one not in last]
    for place, one in enumerate(last):
        alike = [each for each in staying if each.kind == one.kind]
        other = (alike or [each for each in staying if each.category[0] == one.category[0]] or staying)[0]
        end_product(
            product_id=market.ids[one.code],
            replaced_by_id=market.ids[other.code] if place % 2 == 0 else None,
            reason=load("registration")["words"]["end"][place % 2],
            actor=market.actor,
        )


def rename_products(market: Market) -> None:
    """Give a few products another name; people go on finding the former one."""
    pattern = load("registration")["words"]["renamed"]
    chosen = market.some(0.05, 3, 200)
    names = {market.ids[one.code]: pattern.format(name=one.names["en"]) for one in chosen}
    edit_goods(
        edits=GoodsEdits(products={"name": names}, texts={(pk, "en"): {"title": name} for pk, name in names.items()}),
        actor=market.actor,
    )


def note_codes(market: Market) -> None:
    """Write down what suppliers, makers, channels and customers call some variants."""
    words = load("registration")["words"]
    for number, one in enumerate(market.some(0.0, 8, 40), start=1):
        pk = Variant.objects.get(sku=one.variants[0].sku).pk
        add_code(
            variant_id=pk, code=words["supplier"].format(number=number), kind=CodeKind.SUPPLIER, actor=market.actor
        )
        add_code(variant_id=pk, code=words["maker"].format(number=number), kind=CodeKind.MAKER, actor=market.actor)
        if number % 2:
            add_code(variant_id=pk, code=f"{one.kind}{number:02d}", kind=CodeKind.SYNONYM, actor=market.actor)
        for channel in ("coupang", "rakuten"):
            if channel in one.offers:
                add_code(
                    variant_id=pk,
                    code=f"{7_000_000_000 + 17 * number}",
                    kind=CodeKind.CHANNEL,
                    sales_channel_id=market.channels[channel],
                    actor=market.actor,
                )


def offer_wishes(market: Market) -> None:
    """Offer engravings, notes and wrapping with half of the goods that take them."""
    wishes = load("registration")["wishes"]
    chosen = [one for one in market.products if one.kind in wishes][::2][:40]
    for one in chosen:
        for name, kind, longest, choices in wishes[one.kind]:
            save_wish(
                product_id=market.ids[one.code],
                name=name,
                kind=WishKind(kind),
                max_length=longest or None,
                choices=choices,
                actor=market.actor,
            )
