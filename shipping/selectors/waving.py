"""Which orders a wave would take, what is in it, and how the waves under way stand."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from catalog.models import Variant
from inventory.models import Bin, ShelfStock
from inventory.selectors import shop_day
from orders.models import Allocation, Order, OrderQuerySet
from shipping.models import UNDER_WAY_WAVES, Carrier, Packing, PackingState, Wave, WaveOrder
from shipping.selectors.carriers import CarrierBook, Journey
from shipping.selectors.picking import OPEN_PIECES, Reserved, reserved_for

MOST_IN_A_WAVE = 500
IN_A_WAVE = Q(packed_at=None, left_at=None)


class WaveSize(models.TextChoices):
    """How large the orders of a wave are."""

    ANY = "any", pgettext_lazy("wave", "Any")
    ONE_PIECE = "one_piece", pgettext_lazy("wave", "One piece only")
    ONE_SKU = "one_sku", pgettext_lazy("wave", "One article, any number")


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveCriteria:
    """What the orders of a wave have in common; what is empty does not matter. At most ``most`` orders."""

    warehouse_id: int
    sales_channel_ids: tuple[int, ...] = ()
    carrier_id: int | None = None
    zones: tuple[str, ...] = ()
    size: str = WaveSize.ANY.value
    ship_by: date | None = None  # to be shipped by this day of the shop
    most: int = 100

    def as_json(self) -> dict[str, Any]:
        """Return what was asked for, without what was left empty."""
        kept = {key: value for key, value in asdict(self).items() if value not in (None, (), "", WaveSize.ANY.value)}
        kept.pop("warehouse_id")
        return {key: value.isoformat() if isinstance(value, date) else value for key, value in kept.items()}


@dataclass(frozen=True, slots=True)
class WavePreview:
    """What a wave would be: the orders it takes, of how many, and what is in them."""

    order_ids: list[int]
    available: int
    pieces: int
    skus: int
    one_piece: int
    late: int
    by_channel: list[tuple[str, int]]
    by_carrier: list[tuple[Carrier | None, int]]  # as the default carriers say


def candidates(criteria: WaveCriteria) -> OrderQuerySet:
    """Return the orders that a wave may take, without the carrier; the most urgent first.

    Ready to pick, all their pieces in the warehouse, in no wave under way and on nobody's packing table.
    """
    pieces = Allocation.objects.annotate(open_pieces=OPEN_PIECES).filter(line__order=OuterRef("pk"), open_pieces__gt=0)
    here = pieces.filter(reservation__stock_item__warehouse=criteria.warehouse_id)
    elsewhere = pieces.exclude(reservation__stock_item__warehouse=criteria.warehouse_id)
    rows = Order.objects.all().ready_to_pick(shop_day()).filter(Exists(here), ~Exists(elsewhere))
    rows = rows.filter(
        ~Exists(WaveOrder.objects.filter(IN_A_WAVE, order=OuterRef("pk"))),
        ~Exists(Packing.objects.filter(order=OuterRef("pk"), state=PackingState.OPEN)),
    )
    if criteria.sales_channel_ids:
        rows = rows.filter(sales_channel__in=criteria.sales_channel_ids)
    if criteria.ship_by is not None:
        rows = rows.filter(ship_by__lt=_end_of(criteria.ship_by))
    if criteria.zones:
        in_zone = ShelfStock.objects.filter(
            quantity__gt=0, bin__zone__in=criteria.zones, bin__warehouse=criteria.warehouse_id, bin__is_active=True
        )
        rows = rows.filter(~Exists(here.exclude(reservation__stock_item__in=in_zone.values("stock_item"))))
    return _of_size(rows, pieces, criteria.size).order_by(F("ship_by").asc(nulls_last=True), "pk")


def _of_size(rows: OrderQuerySet, pieces: Any, size: str) -> OrderQuerySet:
    if size == WaveSize.ANY:
        return rows
    by_order = pieces.order_by().values("line__order")
    counted = {
        WaveSize.ONE_PIECE: by_order.annotate(n=Sum("open_pieces")),
        WaveSize.ONE_SKU: by_order.annotate(n=Count("reservation__stock_item", distinct=True)),
    }[WaveSize(size)]
    return rows.alias(size=Subquery(counted.values("n"), output_field=models.IntegerField())).filter(size=1)


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), datetime.min.time()))


def chosen_ids(criteria: WaveCriteria) -> list[int]:
    """Return all orders that fit, the most urgent first; with a carrier those that its rules give it."""
    rows = candidates(criteria)
    if criteria.carrier_id is None:
        return list(rows.values_list("pk", flat=True))
    found = list(rows.values_list("pk", "sales_channel_id", "country"))
    book, weights = CarrierBook(), weights_of(reserved_for([pk for pk, _channel, _country in found]))
    return [
        pk
        for pk, channel, country in found
        if (carrier := book.default_for(_journey(criteria.warehouse_id, channel, country, weights.get(pk, 0))))
        is not None
        and carrier.pk == criteria.carrier_id
    ]


def _journey(warehouse_id: int, sales_channel_id: int, country: str, weight_g: int) -> Journey:
    return Journey(warehouse_id=warehouse_id, sales_channel_id=sales_channel_id, country=country, weight_g=weight_g)


def weights_of(reserved: Sequence[Reserved]) -> Counter[int]:
    """Return what the held pieces of each order weigh, as far as it is known, by order; one statement."""
    grams = dict(
        Variant.objects.filter(pk__in={one.variant_id for one in reserved}, weight_g__isnull=False).values_list(
            "pk", "weight_g"
        )
    )
    weights: Counter[int] = Counter()
    for one in reserved:
        weights[one.order_id] += one.pieces * (grams.get(one.variant_id) or 0)
    return weights


def carrier_of(order: Order, warehouse_id: int) -> Carrier | None:
    """Return the carrier that takes this order from this warehouse by default; None when nobody says."""
    weight = weights_of(reserved_for([order.pk]))[order.pk]
    return CarrierBook().default_for(_journey(warehouse_id, order.sales_channel_id, order.country, weight))


def preview_wave(criteria: WaveCriteria) -> WavePreview:
    """Return what a wave of these criteria would hold now; nothing is written or locked."""
    every = chosen_ids(criteria)
    taken = every[: criteria.most]
    reserved = reserved_for(taken)
    pieces: Counter[int] = Counter()
    for one in reserved:
        pieces[one.order_id] += one.pieces
    orders = Order.objects.filter(pk__in=taken).order_by()
    counted = orders.values_list("sales_channel__name").annotate(n=Count("pk"))
    return WavePreview(
        order_ids=taken,
        available=len(every),
        pieces=sum(pieces.values()),
        skus=len({one.variant_id for one in reserved}),
        one_piece=sum(1 for count in pieces.values() if count == 1),
        late=orders.filter(ship_by__lt=timezone.now()).count(),
        by_carrier=_shares(criteria.warehouse_id, taken, reserved),
        by_channel=sorted(((str(name), count) for name, count in counted), key=lambda row: (-row[1], row[0])),
    )


def _shares(
    warehouse_id: int, order_ids: Sequence[int], reserved: Sequence[Reserved]
) -> list[tuple[Carrier | None, int]]:
    """Return which carrier takes how many by default, the most first; None last: no rule takes those."""
    book, weights = CarrierBook(), weights_of(reserved)
    found = Order.objects.filter(pk__in=order_ids).order_by().values_list("pk", "sales_channel_id", "country")
    counted = Counter(
        book.default_for(_journey(warehouse_id, channel, country, weights[pk])) for pk, channel, country in found
    )
    return sorted(counted.items(), key=lambda row: (row[0] is None, -row[1], row[0].pk if row[0] else 0))


def zones_of(warehouse_id: int) -> list[str]:
    """Return the zones that the bins of a warehouse name."""
    bins = Bin.objects.filter(warehouse=warehouse_id, is_active=True).exclude(zone="")
    return list(bins.order_by("zone").values_list("zone", flat=True).distinct())


def with_counts(rows: QuerySet[Wave]) -> QuerySet[Wave]:
    """Add ``order_count`` (all that were put in), ``open_count`` and ``packed_count``."""
    inside = WaveOrder.objects.filter(wave=OuterRef("pk")).order_by().values("wave")

    def count(condition: Q) -> Subquery:
        return Subquery(inside.filter(condition).annotate(n=Count("pk")).values("n"))

    return rows.annotate(
        order_count=count(Q()), open_count=count(IN_A_WAVE), packed_count=count(Q(packed_at__isnull=False))
    )


def packed_of(wave: Wave) -> tuple[int, int]:
    """Return how many orders of a wave are packed, and how many were put into it."""
    counted = wave.orders.aggregate(packed=Count("pk", filter=Q(packed_at__isnull=False)), every=Count("pk"))
    return counted["packed"], counted["every"]


def waves_under_way() -> tuple[int, int, datetime | None]:
    """Return how many waves are under way, how many orders wait in them, and when the oldest was made."""
    waves = Wave.objects.filter(state__in=UNDER_WAY_WAVES).aggregate(count=Count("pk"), oldest=Min("created_at"))
    waiting = WaveOrder.objects.filter(IN_A_WAVE, wave__state__in=UNDER_WAY_WAVES).count()
    return waves["count"], waiting, waves["oldest"]


def open_orders(wave_id: int) -> QuerySet[WaveOrder]:
    """Return the orders of a wave that are still to be packed, by slot."""
    return WaveOrder.objects.filter(IN_A_WAVE, wave=wave_id).select_related("order__gift").order_by("slot")
