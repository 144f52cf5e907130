"""What reordering looks at, read for many variants at once: a fixed number of statements whatever their number."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Q, Sum
from django.utils import timezone

from catalog.models import ProductStatus, Variant
from inventory.models import MovementKind, StockItem, StockMovement, StockPolicy, Warehouse
from inventory.outlook import Arrival, arrivals_of, waiting_for
from purchasing.models import (
    Forecast,
    ForecastMethod,
    PurchaseOrderLine,
    PurchaseState,
    ReorderRule,
    ServiceLevel,
    SupplierItem,
)
from purchasing.selectors.lead_times import LeadTime, lead_times
from purchasing.selectors.terms import breaks_of, breaks_on

SHARE_DAYS = 90  # by what was shipped within these, demand is split over warehouses
DEFAULT_PERCENT, DEFAULT_COVER = 95.0, 28
DRAFTED = (PurchaseState.DRAFT, PurchaseState.TO_APPROVE, PurchaseState.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One variant in one warehouse, with all that decides whether and what to order."""

    variant: Variant
    warehouse_id: int
    daily: float  # pieces a day from this warehouse
    deviation: float
    sizes: Mapping[int, int]  # of demand in lumps: pieces of a day with sales -> on how many days of a year
    is_known: bool  # whether there is a forecast; without one only fixed levels and waiting orders count
    available: int
    waiting: int
    arrivals: Sequence[Arrival]
    drafted: int  # pieces on purchase orders that were not sent yet
    item: SupplierItem | None
    lead: LeadTime
    prices: Sequence[tuple[int, int]]
    level: ServiceLevel | None
    rule: ReorderRule | None
    policy: StockPolicy | None

    @property
    def percent(self) -> float:
        """Return the service level: the rule's, the class's, or the house's."""
        if self.rule is not None and self.rule.percent is not None:
            return float(self.rule.percent)
        return float(self.level.percent) if self.level else DEFAULT_PERCENT

    @property
    def cover_days(self) -> int:
        """Return how many days one order lasts beside its lead time."""
        return self.level.cover_days if self.level else DEFAULT_COVER

    @property
    def is_automatic(self) -> bool:
        """Tell whether the class, or the rule over it, and the supplier let it be ordered without a person."""
        by_class = bool(self.level and self.level.is_automatic)
        wanted = by_class if self.rule is None or self.rule.is_automatic is None else self.rule.is_automatic
        return bool(wanted and self.item and self.item.supplier.may_order_automatically)


def reorderable(*, variant_ids: Collection[int] | None = None) -> list[Variant]:
    """Return the variants that are bought in to be sold: active, of products that have not ended, no bundles."""
    variants = Variant.objects.filter(is_active=True, components=None).exclude(product__status=ProductStatus.ENDED)
    if variant_ids is not None:
        variants = variants.filter(pk__in=variant_ids)
    return list(variants.select_related("product").order_by("pk"))


def cases(variants: Sequence[Variant], *, today: date) -> Iterator[Case]:
    """Give one case for each variant and warehouse that holds, sells or expects it; the main one at least."""
    ids = [variant.pk for variant in variants]
    stock = _stock(ids)
    shares = _shares(ids, stock)
    forecasts = {
        row.variant_id: row
        for row in Forecast.objects.filter(variant_id__in=ids, sales_channel=None).exclude(method=ForecastMethod.NONE)
    }
    items = _items(ids)
    leads = lead_times(items=list(items.values()))
    breaks = breaks_of([item.pk for item in items.values()])
    levels = {(row.abc, row.xyz): row for row in ServiceLevel.objects.all()}
    rules = {(row.variant_id, row.warehouse_id): row for row in ReorderRule.objects.filter(variant_id__in=ids)}
    policies = {row.variant_id: row for row in StockPolicy.objects.filter(variant_id__in=ids)}
    arrivals, waiting, drafted = arrivals_of(variant_ids=ids), waiting_for(variant_ids=ids), _drafted(ids)
    for variant in variants:
        forecast, policy, item = forecasts.get(variant.pk), policies.get(variant.pk), items.get(variant.pk)
        share = shares[variant.pk]
        main = max(share, key=lambda place: (share[place], -place), default=None)
        for warehouse_id, part in share.items():
            rule = rules.get((variant.pk, warehouse_id))
            if rule is not None and rule.is_never:
                continue
            yield Case(
                variant=variant,
                warehouse_id=warehouse_id,
                daily=float(forecast.daily_mean) * part if forecast else 0.0,
                deviation=float(forecast.daily_deviation) * part**0.5 if forecast else 0.0,
                sizes={int(size): count for size, count in forecast.sizes.items()} if forecast else {},
                is_known=forecast is not None,
                available=stock.get(variant.pk, {}).get(warehouse_id, 0),
                # who waits does not say for which warehouse: the one that ships most of it
                waiting=sum(one.quantity for one in waiting.get(variant.pk, ())) if warehouse_id == main else 0,
                arrivals=[one for one in arrivals.get(variant.pk, ()) if one.warehouse_id == warehouse_id],
                drafted=drafted.get((variant.pk, warehouse_id), 0),
                item=item,
                lead=leads[item.pk] if item else LeadTime(days=0, deviation=0, count=0),
                prices=breaks_on(breaks.get(item.pk, []), today) if item else (),
                level=_level(levels, policy),
                rule=rule,
                policy=policy,
            )


def _level(levels: Mapping[tuple[str, str], ServiceLevel], policy: StockPolicy | None) -> ServiceLevel | None:
    """Return the level of exactly this class, else of its letter A, B or C alone, else of what has no class."""
    abc, xyz = (policy.abc, policy.xyz) if policy else ("", "")
    return levels.get((abc, xyz)) or levels.get((abc, "")) or levels.get(("", ""))


def _stock(ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """Return variant -> warehouse -> pieces for sale, of warehouses in use."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for item in StockItem.objects.filter(variant_id__in=ids, warehouse__is_active=True):
        found[item.variant_id][item.warehouse_id] = item.available
    return found


def _shares(ids: Sequence[int], stock: Mapping[int, Mapping[int, int]]) -> dict[int, dict[int, float]]:
    """Return variant -> warehouse -> share of the demand, by what was shipped lately; evenly where nothing was."""
    since = timezone.now() - timedelta(days=SHARE_DAYS)
    shipped: dict[int, dict[int, int]] = defaultdict(dict)
    rows = (
        StockMovement.objects.filter(
            kind=MovementKind.SHIPPED,
            at__gte=since,
            stock_item__variant_id__in=ids,
            stock_item__warehouse__is_active=True,
        )
        .values_list("stock_item__variant_id", "stock_item__warehouse_id")
        .annotate(pieces=-Sum("on_hand_change"))
    )
    for variant_id, warehouse_id, pieces in rows:
        shipped[variant_id][warehouse_id] = pieces
    first = Warehouse.objects.filter(is_active=True).order_by("rank", "pk").values_list("pk", flat=True).first()
    shares: dict[int, dict[int, float]] = {}
    for variant_id in ids:
        places = stock.get(variant_id) or ({first: 0} if first is not None else {})
        sent = shipped.get(variant_id, {})
        total = sum(sent.get(place, 0) for place in places)
        shares[variant_id] = {
            place: sent.get(place, 0) / total if total else 1 / len(places) for place in sorted(places)
        }
    return shares


def _items(ids: Sequence[int]) -> dict[int, SupplierItem]:
    """Return the supplier's item to order each variant by: the preferred one, else the oldest, of active suppliers."""
    rows = SupplierItem.objects.filter(Q(is_active=True, supplier__is_active=True), variant_id__in=ids).select_related(
        "supplier"
    )
    found: dict[int, SupplierItem] = {}
    for item in rows.order_by("-is_preferred", "pk"):
        found.setdefault(item.variant_id, item)
    return found


def _drafted(ids: Sequence[int]) -> dict[tuple[int, int], int]:
    rows = (
        PurchaseOrderLine.objects.filter(variant_id__in=ids, order__state__in=DRAFTED)
        .values_list("variant_id", "order__warehouse_id")
        .annotate(pieces=Sum("quantity"), newest=Max("pk"))
    )
    return {(variant_id, warehouse_id): pieces for variant_id, warehouse_id, pieces, _newest in rows}
