"""Prices for screens: the grid of variants and channels, what begins and ends soon, and the story of one price."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, F, Q, When
from django.utils import timezone

from catalog.events import PriceChanged
from catalog.models import Price, PriceProposal, Product, ProposalState, SalesChannel, Variant
from catalog.selectors.claims import is_recorded_late
from catalog.selectors.margins import is_below_floor, known_margin
from core.models import EventRecord

MOST_CHANGES = 500
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class PriceCell:
    """One variant on one channel: what holds now, what comes next, what waits for approval."""

    variant: Variant
    channel: SalesChannel
    price: Price | None
    upcoming: Price | None
    waiting: PriceProposal | None

    @property
    def margin(self) -> int | None:
        """Return the margin in per cent, None without a price or a cost."""
        return known_margin(self.price.amount, self.price.cost) if self.price else None

    @property
    def is_low(self) -> bool:
        """Tell whether the margin lies below the channel's lowest."""
        return self.price is not None and is_below_floor(self.price.amount, self.price.cost, self.channel.margin_floor)

    @property
    def is_below_cost(self) -> bool:
        """Tell whether it is sold for less than it cost."""
        return self.price is not None and self.price.cost is not None and self.price.amount < self.price.cost


def price_cells(*, variants: Sequence[Variant], channels: Sequence[SalesChannel]) -> list[list[PriceCell]]:
    """Return a row for each variant with a cell for each channel (two statements)."""
    now = timezone.now()
    ids = [variant.pk for variant in variants]
    alive = Price.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), variant__in=ids, sales_channel__in=channels)
    running: dict[tuple[int, int], Price] = {}
    upcoming: dict[tuple[int, int], Price] = {}
    for price in alive.order_by("starts_at"):
        key = price.variant_id, price.sales_channel_id
        (running if price.starts_at <= now else upcoming).setdefault(key, price)
    rows = PriceProposal.objects.filter(state=ProposalState.WAITING, variant__in=ids)
    waiting = {(row.variant_id, row.sales_channel_id): row for row in rows}
    return [
        [
            PriceCell(
                variant=variant,
                channel=channel,
                price=running.get((variant.pk, channel.pk)),
                upcoming=upcoming.get((variant.pk, channel.pk)),
                waiting=waiting.get((variant.pk, channel.pk)),
            )
            for channel in channels
        ]
        for variant in variants
    ]


@dataclass(frozen=True, kw_only=True)
class PlannedChange:
    """A price that begins, or one that ends with nothing after it; ``before``: what is asked until then."""

    at: datetime
    price: Price
    before: Price | None
    is_end: bool = False

    @property
    def on(self) -> date:
        """Return the day in the reader's zone."""
        return timezone.localtime(self.at).date()

    @property
    def is_lower(self) -> bool:
        """Tell whether customers pay less than before."""
        return self.before is not None and self.price.amount < self.before.amount

    @property
    def is_higher(self) -> bool:
        """Tell whether customers pay more than before."""
        return self.before is not None and self.price.amount > self.before.amount


def planned_changes(
    *, until: datetime, sales_channel_id: int | None = None, since: datetime | None = None
) -> list[tuple[date, list[PlannedChange]]]:
    """Return what begins or ends after ``since`` (default: now) and before ``until``, by day; the next 500 changes.

    A price that follows another one at once is one change. Two statements.
    """
    start = since or timezone.now()
    rows = Price.objects.select_related("variant__product", "sales_channel")
    if sales_channel_id:
        rows = rows.filter(sales_channel=sales_channel_id)
    begins = Q(starts_at__gt=start, starts_at__lt=until)
    ends = Q(ends_at__gt=start, ends_at__lt=until)
    first = Case(When(begins, then=F("starts_at")), default=F("ends_at"))
    found = list(rows.filter(begins | ends).order_by(first, "pk")[: 2 * MOST_CHANGES])
    ended = {(p.variant_id, p.sales_channel_id, p.ends_at): p for p in found if p.ends_at}
    begun = {(p.variant_id, p.sales_channel_id, p.starts_at) for p in found}
    changes = [
        PlannedChange(at=p.starts_at, price=p, before=ended.get((p.variant_id, p.sales_channel_id, p.starts_at)))
        for p in found
        if start < p.starts_at < until
    ]
    changes += [
        PlannedChange(at=p.ends_at, price=p, before=p, is_end=True)
        for p in found
        if p.ends_at and start < p.ends_at < until and (p.variant_id, p.sales_channel_id, p.ends_at) not in begun
    ]
    changes.sort(key=lambda change: (change.at, change.price.sales_channel.name, change.price.variant.sku))
    return [(on, list(group)) for on, group in groupby(changes[:MOST_CHANGES], key=lambda change: change.on)]


@dataclass(frozen=True, kw_only=True)
class PricePast:
    """One price of the history with who set it."""

    price: Price
    by: str  # a name; empty: it went on by itself, or came from a file
    is_late: bool
    state: str  # "planned", "running", "past"
    margin: int | None


def price_story(*, variant: Variant, channel: SalesChannel) -> list[PricePast]:
    """Return all prices of a variant on one channel, the newest first, with who set each (two statements)."""
    now = timezone.now()
    rows = list(Price.objects.filter(variant=variant, sales_channel=channel).order_by("-starts_at"))
    names = _who_set({price.pk for price in rows}, variant)
    return [
        PricePast(
            price=price,
            by=names.get(price.pk, ""),
            is_late=is_recorded_late(price),
            state=_state(price, now),
            margin=known_margin(price.amount, price.cost),
        )
        for price in rows
    ]


def _state(price: Price, now: datetime) -> str:
    if price.starts_at > now:
        return "planned"
    return "running" if price.ends_at is None or price.ends_at > now else "past"


def _who_set(price_ids: Collection[int], variant: Variant) -> dict[int, str]:
    records = EventRecord.objects.filter(
        subject_type=ContentType.objects.get_for_model(Product),
        subject_id=variant.product_id,
        name=PriceChanged.name,
        data__price_id__in=list(price_ids),
    ).select_related("actor")
    return {record.data["price_id"]: str(record.actor) for record in records if record.actor}


def daily_amounts(
    history: Iterable[Price], *, since: date, until: date
) -> tuple[list[date], list[int | None], list[int | None]]:
    """Return the days, and at the end of each the price and the price before (None: no price)."""
    prices = sorted(history, key=lambda price: price.starts_at)
    days = [since + DAY * number for number in range((until - since).days + 1)]
    zone = timezone.get_current_timezone()
    amounts: list[int | None] = []
    compared: list[int | None] = []
    for on in days:
        midnight = datetime.combine(on + DAY, datetime.min.time(), tzinfo=zone)
        held = [p for p in prices if p.starts_at < midnight and (p.ends_at is None or p.ends_at >= midnight)]
        amounts.append(held[-1].amount if held else None)
        compared.append(held[-1].compare_at if held else None)
    return days, amounts, compared


def waiting_proposals(*, variant_ids: Collection[int]) -> dict[tuple[int, int], PriceProposal]:
    """Return what waits for a second person by (variant id, sales channel id)."""
    rows = PriceProposal.objects.filter(state=ProposalState.WAITING, variant__in=variant_ids)
    return {(row.variant_id, row.sales_channel_id): row for row in rows}


def prices_by_product(*, product_ids: Collection[int]) -> dict[int, list[Variant]]:
    """Return the active variants of each product, by SKU."""
    found: dict[int, list[Variant]] = defaultdict(list)
    for variant in Variant.objects.filter(product__in=product_ids, is_active=True).order_by("sku"):
        found[variant.product_id].append(variant)
    return found
