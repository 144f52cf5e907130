"""Reads about purchase orders and suppliers for screens."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from catalog.models import Variant
from inventory.models import StockItem
from inventory.outlook import arrivals_of
from purchasing.models import (
    EXPECTED_STATES,
    ProposalState,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseState,
    ReorderProposal,
    Supplier,
    SupplierItem,
)
from purchasing.selectors.terms import Breaks, breaks_of, price_from

MOST_SUGGESTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line of an order as its page shows it; ``packs`` is 0 where they do not matter or do not come out even."""

    line: PurchaseOrderLine
    packs: int
    pack_size: int
    is_below_minimum: bool
    is_uneven: bool

    @property
    def share(self) -> int:
        """Percent of what is expected that came."""
        wanted = self.line.quantity - self.line.given_up
        return min(100, self.line.received * 100 // wanted) if wanted else 100


def rows_of_purchase_order(order_id: int) -> list[LineRow]:
    """Return the lines of one order."""
    lines = PurchaseOrderLine.objects.filter(order_id=order_id).select_related("variant__product", "item")
    return [_row(line) for line in lines.order_by("pk")]


def _row(line: PurchaseOrderLine) -> LineRow:
    size = line.item.pack_size if line.item else 1
    is_uneven = line.quantity % size != 0
    return LineRow(
        line=line,
        pack_size=size,
        packs=0 if size == 1 or is_uneven else line.quantity // size,
        is_uneven=is_uneven,
        is_below_minimum=line.item is not None and line.quantity < line.item.minimum,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """An item of a supplier beside a draft: what is there, what comes, and what is proposed (0: nothing)."""

    item: SupplierItem
    available: int
    incoming: int
    proposed: int
    price: int | None


def suggestions_for(order: PurchaseOrder, *, term: str = "") -> list[Suggestion]:
    """Return items of the order's supplier that are not on it, proposed ones first, at most MOST_SUGGESTED."""
    items = (
        SupplierItem.objects.filter(supplier_id=order.supplier_id, is_active=True)
        .exclude(variant__purchase_lines__order=order)
        .select_related("variant__product", "supplier")
    )
    if term:
        items = items.filter(variant__search_text__icontains=term) | items.filter(code__icontains=term)
    proposals = dict(
        ReorderProposal.objects.filter(
            state=ProposalState.OPEN, warehouse_id=order.warehouse_id, item__supplier_id=order.supplier_id
        ).values_list("variant_id", "quantity")
    )
    wanted = list(items.filter(variant_id__in=proposals).order_by("variant__sku")[:MOST_SUGGESTED])
    others = items.exclude(pk__in=[item.pk for item in wanted]).order_by("variant__sku")
    rows = wanted + list(others[: MOST_SUGGESTED - len(wanted)])
    return _suggestions(rows, order.warehouse_id, proposals)


def _suggestions(items: list[SupplierItem], warehouse_id: int, proposals: dict[int, int]) -> list[Suggestion]:
    ids = [item.variant_id for item in items]
    stock = dict(
        StockItem.objects.filter(variant_id__in=ids, warehouse_id=warehouse_id).values_list(
            "variant_id", F("on_hand") - F("reserved") - F("held")
        )
    )
    incoming = {
        variant_id: sum(one.quantity for one in arrivals if one.warehouse_id == warehouse_id)
        for variant_id, arrivals in arrivals_of(variant_ids=ids).items()
    }
    breaks = breaks_of([item.pk for item in items])
    today = timezone.localdate()
    return [
        Suggestion(
            item=item,
            available=stock.get(item.variant_id, 0),
            incoming=incoming.get(item.variant_id, 0),
            proposed=proposals.get(item.variant_id, 0),
            price=price_from(breaks.get(item.pk, []), proposals.get(item.variant_id, 0) or item.minimum, today),
        )
        for item in items
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """An item with its price of today (None: unknown) for its minimum, and the breaks of that list."""

    item: SupplierItem
    price: int | None
    breaks: Breaks


def item_rows(items: "QuerySet[SupplierItem]", *, on: date | None = None) -> list[ItemRow]:
    """Return items with what they cost."""
    found = list(items.select_related("variant__product", "supplier"))
    breaks = breaks_of([item.pk for item in found])
    day = on or timezone.localdate()
    rows = []
    for item in found:
        known = breaks.get(item.pk, [])
        begun = [starts_on for starts_on, _from, _price in known if starts_on <= day]
        valid = [one for one in known if begun and one[0] == max(begun)]
        rows.append(ItemRow(item=item, price=price_from(known, item.minimum, day), breaks=valid))
    return rows


def items_of_variant(variant: Variant) -> list[ItemRow]:
    """Return who sells a variant, the preferred supplier first."""
    return item_rows(SupplierItem.objects.filter(variant=variant).order_by("-is_preferred", "supplier__name"))


def open_orders_of(supplier: Supplier, *, limit: int) -> list[tuple[PurchaseOrder, int, int]]:
    """Return (order, pieces that came, pieces expected in all) of orders that are not ended, newest first."""
    ended = [PurchaseState.RECEIVED, PurchaseState.CLOSED, PurchaseState.CANCELLED]
    orders = PurchaseOrder.objects.filter(supplier=supplier).exclude(state__in=ended)
    rows = orders.annotate(
        came=Sum("lines__received", default=0), wanted=Sum(F("lines__quantity") - F("lines__given_up"), default=0)
    ).order_by("-pk")[:limit]
    return [(row, row.came, row.wanted) for row in rows]


def orders_to_approve() -> "QuerySet[PurchaseOrder]":
    """Return the orders that wait for approval."""
    return PurchaseOrder.objects.filter(state=PurchaseState.TO_APPROVE)


def overdue_orders() -> "QuerySet[PurchaseOrder]":
    """Return the orders whose goods should have come, the longest overdue first."""
    late = PurchaseOrder.objects.filter(state__in=EXPECTED_STATES, expected_on__lt=timezone.localdate())
    return late.order_by("expected_on", "pk")


def variants_by_code(codes: Collection[str], *, supplier_id: int) -> dict[str, int]:
    """Return variant ids by what people paste: our SKU first, then the barcode, then the supplier's own code."""
    found: dict[str, int] = {}
    own = SupplierItem.objects.filter(supplier_id=supplier_id, code__in=codes).exclude(code="")
    found.update(own.order_by("-pk").values_list("code", "variant_id"))
    found.update(Variant.objects.filter(barcode__in=codes).exclude(barcode="").values_list("barcode", "pk"))
    found.update(Variant.objects.filter(sku__in=codes).values_list("sku", "pk"))
    return found
