"""What goes back to suppliers: whose it is, what could go, what a return says, and what is expected for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.models import Variant
from core.search import matching
from inventory.models import HoldKind, Lot, StockHold, StockItem
from purchasing.models import (
    GoodsReceipt,
    PurchaseOrderLine,
    ReturnState,
    Supplier,
    SupplierInvoice,
    SupplierItem,
    SupplierReturn,
    SupplierReturnLine,
)
from purchasing.selectors.terms import breaks_of, price_from

MOST_OFFERED = 100
PROMISED = (HoldKind.DISPLAY, HoldKind.EXCHANGE, HoldKind.DEAL)  # kept for somebody: not offered by themselves


def latest_bought(*, supplier: Supplier, variant_ids: Collection[int]) -> dict[int, PurchaseOrderLine]:
    """Return the latest order line of each variant that this supplier delivered something of."""
    lines = PurchaseOrderLine.objects.filter(
        order__supplier=supplier, order__currency=supplier.currency, variant__in=variant_ids, received__gt=0
    )
    return {line.variant_id: line for line in lines.order_by("pk")}


def usual_prices(*, supplier: Supplier, variant_ids: Collection[int]) -> dict[int, int]:
    """Return what one piece cost in the supplier's latest order that came, else what its price list asks today."""
    items = {item.variant_id: item for item in SupplierItem.objects.filter(supplier=supplier, variant__in=variant_ids)}
    breaks = breaks_of([item.pk for item in items.values()])
    today = timezone.localdate()
    listed = {pk: price_from(breaks.get(item.pk, []), item.minimum, today) for pk, item in items.items()}
    known = {pk: price for pk, price in listed.items() if price is not None}
    bought = latest_bought(supplier=supplier, variant_ids=variant_ids)
    return {**known, **{pk: line.unit_price for pk, line in bought.items()}}


def supplier_of(*, variant_id: int) -> int | None:
    """Return who delivered the variant last, else who is preferred for it, else who sells it; None: nobody does."""
    bought = PurchaseOrderLine.objects.filter(variant=variant_id, received__gt=0).order_by("-pk")
    found: int | None = bought.values_list("order__supplier", flat=True).first()
    if found is None:
        items = SupplierItem.objects.filter(variant=variant_id).order_by("-is_preferred", "pk")
        found = items.values_list("supplier", flat=True).first()
    return found


@dataclass(frozen=True, slots=True)
class Place:
    """Pieces of a variant that could go back: those of a hold, or of what is for sale (of one lot, or of any)."""

    variant_id: int
    hold_id: int | None = None
    lot_id: int | None = None

    @property
    def key(self) -> str:
        """Name it in a form."""
        return f"h{self.hold_id}" if self.hold_id else f"v{self.variant_id}_{self.lot_id or 0}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What a new return starts from; ``wanted`` are pieces by place."""

    supplier_id: int | None = None
    warehouse_id: int | None = None
    wanted: Mapping[Place, int]


def begun_from_receipt(*, receipt: GoodsReceipt) -> Begun:
    """Start with what came damaged or failed the inspection and is still held."""
    bad = Q(kind=HoldKind.DAMAGED, reference=receipt.number, quantity__gt=F("released"))
    holds = StockHold.objects.filter(bad).select_related("stock_item").order_by("pk")
    wanted = {Place(hold.stock_item.variant_id, hold.pk, hold.lot_id): hold.held for hold in holds}
    lines = receipt.lines.filter(accepted__gt=0).order_by("pk")
    for variant_id, lot_id in lines.values_list("order_line__variant", "lot"):  # good ones may be wrong ones
        wanted.setdefault(Place(variant_id, None, lot_id), 0)
    return Begun(supplier_id=receipt.order.supplier_id, warehouse_id=receipt.warehouse_id, wanted=wanted)


def begun_from_hold(*, hold: StockHold) -> Begun:
    """Start with all that the hold keeps, at the supplier of the receipt it names."""
    item = hold.stock_item
    receipt = GoodsReceipt.objects.filter(number=hold.reference).select_related("order").first()
    return Begun(
        supplier_id=receipt.order.supplier_id if receipt else supplier_of(variant_id=item.variant_id),
        warehouse_id=item.warehouse_id,
        wanted={Place(item.variant_id, hold.pk, hold.lot_id): hold.held},
    )


def begun_from_variant(*, variant_id: int, quantity: int) -> Begun:
    """Start with so many pieces of a variant out of the warehouse that has most for sale, at most what is there."""
    items = StockItem.objects.filter(variant=variant_id).annotate(free=F("on_hand") - F("reserved") - F("held"))
    item = items.order_by("-free", "pk").first()
    return Begun(
        supplier_id=supplier_of(variant_id=variant_id),
        warehouse_id=item.warehouse_id if item else None,
        wanted={Place(variant_id): max(0, min(quantity, item.available)) if item else 0},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A place that a return could take pieces from: how many are there, and what one cost (None: nobody knows)."""

    place: Place
    variant: Variant
    hold: StockHold | None
    lot: Lot | None
    there: int
    price: int | None


def offers_for(*, supplier: Supplier, warehouse_id: int, places: Collection[Place] = (), term: str = "") -> list[Offer]:
    """Return what could go back to the supplier out of a warehouse.

    These places first; then what is held for something being wrong with it, and what ``term`` finds among all that
    the supplier sells or delivered.
    """
    known = list(dict.fromkeys([*places, *_held(supplier, warehouse_id), *_found(supplier, warehouse_id, term)]))
    variants = Variant.objects.select_related("product").in_bulk({place.variant_id for place in known})
    holds = StockHold.objects.select_related("lot", "bin").in_bulk([place.hold_id for place in known if place.hold_id])
    lots = Lot.objects.in_bulk([place.lot_id for place in known if place.lot_id])
    free = {
        item.variant_id: item.available
        for item in StockItem.objects.filter(variant__in=variants, warehouse=warehouse_id)
    }
    prices = usual_prices(supplier=supplier, variant_ids=variants)
    return [
        Offer(
            place=place,
            variant=variants[place.variant_id],
            hold=holds.get(place.hold_id or 0),
            lot=lots.get(place.lot_id or 0),
            there=holds[place.hold_id].held if place.hold_id else max(0, free.get(place.variant_id, 0)),
            price=prices.get(place.variant_id),
        )
        for place in known
        if place.variant_id in variants
    ]


def _delivered(supplier: Supplier) -> "QuerySet[Variant]":
    sold = SupplierItem.objects.filter(supplier=supplier).values("variant")
    came = PurchaseOrderLine.objects.filter(order__supplier=supplier, received__gt=0).values("variant")
    return Variant.objects.filter(Q(pk__in=sold) | Q(pk__in=came))


def _held(supplier: Supplier, warehouse_id: int) -> list[Place]:
    holds = (
        StockHold.objects.filter(stock_item__warehouse=warehouse_id, quantity__gt=F("released"))
        .filter(stock_item__variant__in=_delivered(supplier))
        .exclude(kind__in=PROMISED)
    )
    rows = holds.order_by("-pk").values_list("stock_item__variant", "pk", "lot")
    return [Place(*row) for row in rows[:MOST_OFFERED]]


def _found(supplier: Supplier, warehouse_id: int, term: str) -> list[Place]:
    if not term:
        return []
    named = matching(term) | Q(sku__istartswith=term) | Q(barcode=term)
    there = StockItem.objects.filter(warehouse=warehouse_id, on_hand__gt=F("reserved") + F("held")).values("variant")
    rows = _delivered(supplier).filter(named, pk__in=there).order_by("sku")
    return [Place(pk) for pk in rows.values_list("pk", flat=True)[:MOST_OFFERED]]


def return_lines(*, return_id: int) -> list[SupplierReturnLine]:
    """Return the lines of a return with what they are of."""
    lines = SupplierReturnLine.objects.filter(supplier_return=return_id)
    return list(lines.select_related("variant__product", "hold", "lot", "order_line__order").order_by("pk"))


def expected_credit(*, lines: Sequence[SupplierReturnLine]) -> int:
    """Return what the supplier should credit for these lines (minor units)."""
    return sum(line.quantity * line.unit_price for line in lines)


def with_sums(rows: "QuerySet[SupplierReturn]") -> "QuerySet[SupplierReturn]":
    """Add pieces and the expected credit of each return."""
    lines = SupplierReturnLine.objects.filter(supplier_return=OuterRef("pk")).order_by().values("supplier_return")
    pieces = lines.annotate(sum=Sum("quantity")).values("sum")
    worth = lines.annotate(sum=Sum(F("quantity") * F("unit_price"))).values("sum")
    return rows.annotate(pieces=Coalesce(Subquery(pieces), 0), expected=Coalesce(Subquery(worth), 0))


def returns_of(*, supplier_id: int, limit: int) -> "QuerySet[SupplierReturn]":
    """Return what goes or went back to a supplier and is not credited yet, the newest first, with its sums."""
    rows = SupplierReturn.objects.filter(supplier=supplier_id, state__in=[ReturnState.DRAFT, ReturnState.SENT])
    return with_sums(rows).order_by("-pk")[:limit]


def invoices_of_return(*, return_id: int) -> list[SupplierInvoice]:
    """Return the invoices on which the goods of a return were asked to be paid, the oldest first."""
    order_lines = SupplierReturnLine.objects.filter(supplier_return=return_id).values("order_line")
    return list(SupplierInvoice.objects.filter(lines__order_line__in=order_lines).distinct().order_by("pk"))


def returns_of_invoice(*, invoice_id: int) -> list[SupplierReturn]:
    """Return the sent returns whose goods stand on an invoice, the oldest first."""
    sent = SupplierReturn.objects.filter(
        lines__order_line__invoice_lines__invoice=invoice_id, state__in=[ReturnState.SENT, ReturnState.CREDITED]
    )
    return list(sent.distinct().order_by("pk"))
