"""One purchase order of the demo's story: sent on a day of the past, received on another.

The services act now; afterwards the documents are moved to the day on which the story says it happened.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone

from inventory.models import Warehouse
from inventory.selectors.shelves import shop_day
from orders.models import LineKind
from orders.models import OrderLine as SoldLine
from orders.selectors.short import variants_waited_for
from purchasing.models import GoodsReceipt, PurchaseOrder, PurchaseOrderLine, PurchaseState, Supplier, SupplierItem
from purchasing.selectors.terms import order_quantity
from purchasing.services import (
    OrderLine,
    ReceivedLine,
    approve_purchase_order,
    confirm_purchase_order,
    create_purchase_order,
    mark_purchase_order_sent,
    receive_goods,
    submit_purchase_order,
)
from staff.models import User

Team = Mapping[str, User]
LINES = 4
PIECES = 12  # of a line, at least: in whole packs of the supplier


@dataclass(frozen=True, slots=True)
class Story:
    """An order that was sent to a supplier, and how many days ago."""

    order: PurchaseOrder
    sent_ago: int
    team: Team

    @property
    def lines(self) -> list[PurchaseOrderLine]:
        """Its lines."""
        return list(self.order.lines.order_by("pk"))

    def receive(self, *lines: ReceivedLine, note: str = "", by: str = "warehouse") -> GoodsReceipt:
        """Take in what came."""
        number = f"DN-{self.order.pk:04d}-{self.order.receipts.count() + 1}"
        return receive_goods(order_id=self.order.pk, lines=lines, delivery_note=number, note=note, actor=self.team[by])


def wanted_lately() -> Counter[int]:
    """Return how much of each variant was ordered in the last months: what sells is what is bought."""
    since = timezone.now() - timedelta(days=120)
    rows = SoldLine.objects.filter(kind=LineKind.PRODUCT, variant__isnull=False, order__placed_at__gte=since)
    sold = Counter(dict(rows.values("variant").annotate(n=Sum("quantity")).values_list("variant", "n")))
    for variant_id in variants_waited_for():
        sold.pop(variant_id, None)  # whatever comes of these goes to who waits: that is another story
    return sold


def order_from(supplier: Supplier, sent_ago: int, skip: int, wanted: Counter[int], team: Team) -> Story | None:
    """Send an order for some of what sells best at a supplier; None when he sells nothing."""
    items = SupplierItem.objects.filter(supplier=supplier, is_active=True).select_related("variant__stock_policy")
    plain = [item for item in items if not _is_tracked(item)]
    best = sorted(plain, key=lambda item: (-wanted[item.variant_id], item.pk))[: 3 * LINES]
    chosen = [best[(skip + n) % len(best)] for n in range(min(LINES, len(best)))]
    return send_order(supplier, chosen, sent_ago, team) if chosen else None


def _is_tracked(item: SupplierItem) -> bool:
    policy = getattr(item.variant, "stock_policy", None)
    return policy is not None and (policy.tracks_lots or policy.tracks_serials)


def send_order(supplier: Supplier, items: Sequence[SupplierItem], sent_ago: int, team: Team) -> Story:
    """Order at least PIECES of each item; sent and confirmed so many days ago, expected after the agreed days."""
    order = create_purchase_order(
        supplier_id=supplier.pk,
        warehouse_id=_warehouse(supplier).pk,
        lines=[OrderLine(variant_id=item.variant_id, quantity=order_quantity(item, PIECES)) for item in items],
        expected_on=shop_day() + timedelta(days=supplier.lead_days - sent_ago),
        actor=team["merchandiser"],
    )
    order = submit_purchase_order(order_id=order.pk, actor=team["merchandiser"])
    if order.state == PurchaseState.TO_APPROVE:
        approve_purchase_order(order_id=order.pk, actor=team["manager"])
    mark_purchase_order_sent(order_id=order.pk, actor=team["manager"])
    confirm_purchase_order(order_id=order.pk, reference=f"SO-{4000 + order.pk}", actor=team["manager"])
    moment = timezone.now() - timedelta(days=sent_ago)
    PurchaseOrder.objects.filter(pk=order.pk).update(
        created_at=moment - timedelta(days=1), approved_at=moment, sent_at=moment,
        confirmed_at=moment + timedelta(days=1), updated_at=moment + timedelta(days=1),
    )  # fmt: skip
    return Story(PurchaseOrder.objects.get(pk=order.pk), sent_ago, team)


def _warehouse(supplier: Supplier) -> Warehouse:
    country = "JP" if supplier.currency == "JPY" else "KR"
    places = Warehouse.objects.filter(is_active=True).order_by("rank", "pk")
    return places.filter(country=country).first() or places[0]


def move_receipt(receipt: GoodsReceipt, *, days_ago: int) -> None:
    """Let everything about a receipt have happened so many days ago."""
    moment = timezone.now() - timedelta(days=days_ago)
    GoodsReceipt.objects.filter(pk=receipt.pk).update(received_at=moment)
    receipt.lines.filter(inspected_at__isnull=False).update(inspected_at=moment + timedelta(hours=5))
    receipt.landed_costs.update(created_at=moment + timedelta(days=2))
    ended = PurchaseOrder.objects.filter(pk=receipt.order_id, closed_at__isnull=False)
    ended.update(closed_at=moment, updated_at=moment)
