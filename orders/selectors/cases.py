"""One oversell as its screen shows it: who is short, who comes first, where pieces are, what could be sent instead."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import F, Min, Q

from catalog.models import Variant
from catalog.selectors.bundling import part_of
from inventory.models import StockItem
from inventory.selectors import (
    Outlook,
    availability_of,
    available_on,
    bundle_stock,
    promised_days,
    serving_warehouses,
    shop_day,
)
from orders.models import CancelPenalty, Order, OrderLine, OrderStatus, Oversell, OversellDecision
from orders.selectors.short import short_lines

SUBSTITUTES = 12
_FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortOrder:
    """An order that lacks pieces, with what speaks for serving it first."""

    order: Order
    lines: Sequence[OrderLine]
    lacking: int  # pieces of the variant
    is_paid: bool
    is_first: bool  # of this customer
    penalty: CancelPenalty | None
    foreseen_on: date | None  # when what is on its way covers it
    last: OversellDecision | None

    @property
    def urgency(self) -> tuple[bool, datetime, int, datetime]:
        """Sort by this: paid orders, then those promised earliest, then those whose cancellation costs most."""
        cost = -(self.penalty.amount + self.penalty.points) if self.penalty else 0
        return not self.is_paid, self.order.ship_by or _FAR, cost, self.order.placed_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What lies in one warehouse, and whether it serves every channel that is short."""

    item: StockItem
    serves: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitute:
    """Something that could be sent instead."""

    variant: Variant
    available: int
    reason: str  # same_product, replacement, bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class OversellCase:
    """Everything that the screen of an oversell shows."""

    oversell: Oversell
    orders: list[ShortOrder]  # who should be served first stands first
    places: list[Elsewhere]
    outlook: Outlook
    substitutes: list[Substitute]
    decisions: list[OversellDecision]


def oversell_case(*, oversell_id: int) -> OversellCase:
    """Return an oversell with all that helps to decide it; Oversell.DoesNotExist when there is none."""
    oversell = Oversell.objects.select_related("variant__product").get(pk=oversell_id)
    decisions = list(
        oversell.decisions.select_related("order", "decided_by", "warehouse", "transfer", "substitute").order_by("-pk")
    )
    orders = _orders(oversell, decisions)
    return OversellCase(
        oversell=oversell,
        orders=orders,
        places=_places(oversell, {one.order.sales_channel_id for one in orders}),
        outlook=available_on(variant_ids=[oversell.variant_id])[oversell.variant_id],
        substitutes=_substitutes(oversell.variant),
        decisions=decisions,
    )


def _orders(oversell: Oversell, decisions: Sequence[OversellDecision]) -> list[ShortOrder]:
    by_order: dict[int, list[tuple[OrderLine, int]]] = {}
    for line, pieces in short_lines(variant_ids=[oversell.variant_id]).get(oversell.variant_id, ()):
        by_order.setdefault(line.order_id, []).append((line, pieces))
    orders = [rows[0][0].order for rows in by_order.values()]
    firsts = first_orders(customer_ids={order.customer_id for order in orders if order.customer_id})
    penalties = penalties_on(channel_ids={order.sales_channel_id for order in orders})
    days = promised_days(variant_ids=[oversell.variant_id])
    last = {one.order_id: one for one in reversed(decisions)}
    found = [
        ShortOrder(
            order=order,
            lines=[line for line, _pieces in by_order[order.pk]],
            lacking=sum(pieces for _line, pieces in by_order[order.pk]),
            is_paid=order.paid_total >= order.total,
            is_first=order.customer_id is not None and firsts.get(order.customer_id) == order.placed_at,
            penalty=penalties.get(order.sales_channel_id),
            foreseen_on=days.get((oversell.variant_id, order.number)),
            last=last.get(order.pk),
        )
        for order in orders
    ]
    return sorted(found, key=lambda one: one.urgency)


def first_orders(*, customer_ids: Collection[int]) -> dict[int, datetime]:
    """Return when each customer ordered first; cancelled orders do not count."""
    rows = Order.objects.filter(customer__in=customer_ids).exclude(status=OrderStatus.CANCELLED).order_by()
    return dict(rows.values_list("customer_id").annotate(first=Min("placed_at")))


def penalties_on(*, channel_ids: Collection[int], day: date | None = None) -> dict[int, CancelPenalty]:
    """Return what each sales channel asks for a cancellation on a day of the shop (today)."""
    when = day or shop_day()
    rows = CancelPenalty.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=when), sales_channel__in=channel_ids, valid_from__lte=when
    )
    return {row.sales_channel_id: row for row in rows.order_by("valid_from")}


def _places(oversell: Oversell, channel_ids: Collection[int]) -> list[Elsewhere]:
    serving = serving_warehouses()
    everywhere = serving.pop(0)
    common = set(everywhere).intersection(*(serving.get(pk, everywhere) for pk in channel_ids))
    items = (
        StockItem.objects.filter(variant=oversell.variant_id, on_hand__gt=0)
        .select_related("warehouse")
        .order_by(F("on_hand") - F("reserved") - F("held"))
        .reverse()
    )
    return [Elsewhere(item=item, serves=item.warehouse_id in common) for item in items]


def _substitutes(variant: Variant) -> list[Substitute]:
    """Return the product's other variants, its replacement's, and bundles with it inside, if any can be had."""
    product = variant.product
    reasons = {
        pk: "same_product" if owner == product.pk else "replacement"
        for pk, owner in Variant.objects.filter(
            product__in=[pk for pk in (product.pk, product.replaced_by_id) if pk], is_active=True
        )
        .exclude(pk=variant.pk)
        .values_list("pk", "product_id")
    }
    reasons |= {row.bundle_id: "bundle" for row in part_of(variant_id=variant.pk)}
    there = {pk: stock.available for pk, stock in availability_of(variant_ids=reasons).items()}
    for pk, reason in reasons.items():
        if reason == "bundle":
            there[pk] += sum(row.count for row in bundle_stock(variant_id=pk))
    rows = Variant.objects.select_related("product").in_bulk([pk for pk, count in there.items() if count > 0])
    found = [Substitute(variant=row, available=there[pk], reason=reasons[pk]) for pk, row in rows.items()]
    return sorted(found, key=lambda one: (one.reason != "same_product", -one.available, one.variant.sku))[:SUBSTITUTES]
