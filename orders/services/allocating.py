"""Tie stock to orders: at confirmation, and later for those that had to wait."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from core.events import Event, record_many
from inventory.models import StockItem, Warehouse
from inventory.services import Need, StockAnswer, StockRequest, reserve_stock
from orders.events import OrderAllocated
from orders.models import Allocation, LineKind, Order, OrderLine, OrderStatus
from orders.policies import can_confirm_orders
from orders.services.batches import BatchReport, Refusal, check_right, goods_of, lock_orders, sift
from staff.models import User

BATCH = 500
_OPEN = F("quantity") - F("shipped_count") - F("cancelled_count")
_ENOUGH = StockItem.objects.filter(
    variant=OuterRef("variant"),
    warehouse__is_active=True,
    on_hand__gte=F("reserved") + F("held") + OuterRef("open_pieces"),
)
_SHORT_LINES = (
    OrderLine.objects.filter(order=OuterRef("pk"), kind=LineKind.PRODUCT)
    .annotate(open_pieces=_OPEN)
    .filter(~Exists(_ENOUGH), open_pieces__gt=0)
)


@transaction.atomic
def allocate_orders(*, order_ids: Sequence[int], actor: User | None = None) -> BatchReport:
    """Reserve stock for orders that wait for it, the oldest first; what is still short is refused with its SKUs.

    ``done`` are the orders now to ship. Orders in another state are refused.
    """
    check_right(can_confirm_orders, actor)
    waiting, refused = sift(order_ids, lock_orders(order_ids), _not_waiting)
    waiting.sort(key=lambda order: (order.placed_at, order.pk))
    lines = goods_of(waiting)
    answers = reserve_for(waiting, lines, actor=actor)
    names = warehouse_names()
    facts: list[tuple[Event, int]] = []
    for order, answer in zip(waiting, answers, strict=True):
        if answer.is_served:
            fact = OrderAllocated(
                order_id=order.pk,
                piece_count=piece_count(lines[order.pk]),
                warehouse=names.get(answer.warehouse_id, ""),
            )
            facts.append((fact, order.pk))
        else:
            reason = _("Still short: %(skus)s") % {"skus": ", ".join(lacking(answer))}
            refused.append(Refusal(order.pk, order.number, reason))
    done = [pk for _fact, pk in facts]
    Order.objects.filter(pk__in=done).update(status=OrderStatus.TO_SHIP, updated_at=timezone.now())
    record_many(facts, model=Order, actor=actor)
    return BatchReport(done=done, refused=refused)


def allocate_waiting_orders(*, variant_id: int | None = None, limit: int = BATCH) -> BatchReport:
    """Try the oldest ``limit`` orders again that wait for stock (of this variant) and lack nothing by themselves.

    Those that still lack something are left out, or a few hundred of them would keep stock from all later ones.
    """
    waiting = Order.objects.filter(~Exists(_SHORT_LINES), status=OrderStatus.AWAITING_STOCK)
    if variant_id is not None:
        waiting = waiting.filter(pk__in=OrderLine.objects.filter(variant_id=variant_id).values("order_id"))
    ids = list(waiting.order_by("placed_at", "pk").values_list("pk", flat=True)[:limit])
    return allocate_orders(order_ids=ids) if ids else BatchReport()


def reserve_for(
    orders: Sequence[Order], lines: Mapping[int, Sequence[OrderLine]], *, actor: User | None
) -> list[StockAnswer]:
    """Reserve all open pieces of each locked order, all or nothing, and tie them to its lines; answer in that order."""
    answers = reserve_stock(
        requests=[
            StockRequest(
                reference=order.number,
                country=order.country,
                needs=[
                    Need(key=f"orderline:{line.pk}", variant_id=line.variant_id, quantity=line.open_count)
                    for line in lines.get(order.pk, ())
                    if line.variant_id is not None and line.open_count
                ],
            )
            for order in orders
        ],
        actor=actor,
    )
    Allocation.objects.bulk_create(
        [
            Allocation(line_id=int(key.removeprefix("orderline:")), reservation_id=reservation_id)
            for answer in answers
            for key, reservation_id in answer.reservation_ids.items()
        ],
        ignore_conflicts=True,
    )
    return answers


def lacking(answer: StockAnswer) -> list[str]:
    """Return the SKUs that were short."""
    return [shortage.sku for shortage in answer.shortages]


def piece_count(lines: Sequence[OrderLine]) -> int:
    """Return how many pieces are still to ship."""
    return sum(line.open_count for line in lines)


def warehouse_names() -> dict[int | None, str]:
    """Return the warehouses' names for sentences."""
    return dict(Warehouse.objects.values_list("pk", "name"))


def _not_waiting(order: Order) -> str:
    return "" if order.status == OrderStatus.AWAITING_STOCK else _("It does not wait for stock.")
