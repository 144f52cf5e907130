"""Tie stock to orders: at confirmation, and later for those that had to wait."""

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import BundleComponent
from catalog.selectors.bundling import with_their_bundles
from core.events import Event, record_many
from inventory.models import StockItem, Warehouse
from inventory.services import Need, StockAnswer, StockRequest, Take, reserve_stock
from orders.events import OrderAllocated
from orders.models import Allocation, LineKind, Order, OrderLine, OrderStatus
from orders.policies import can_confirm_orders
from orders.services.batches import BatchReport, Refusal, check_right, goods_of, lock_orders, sift
from orders.services.holdings import held_for
from orders.services.stops import STOPPED, Stops
from staff.models import User

SHIPPING = (OrderStatus.TO_SHIP, OrderStatus.PARTLY_SHIPPED)
BATCH = 500
_PREFIX = "orderline:"
_OPEN = F("quantity") - F("shipped_count") - F("cancelled_count")
_PARTS = BundleComponent.objects.filter(bundle=OuterRef("variant"))


def _enough(variant: str, pieces: str) -> Exists:
    """Tell whether one warehouse has so many pieces of the outer row's variant."""
    free = F("on_hand") - F("reserved") - F("held")
    items = StockItem.objects.annotate(free=free).filter(variant=OuterRef(variant), free__gte=OuterRef(pieces))
    return Exists(items.filter(warehouse__is_active=True))


# a component that is a bundle itself is not looked into: such an order is tried
_SHORT_PARTS = _PARTS.annotate(pieces=F("quantity") * OuterRef("open_pieces")).filter(
    ~Exists(BundleComponent.objects.filter(bundle=OuterRef("component"))), ~_enough("component", "pieces")
)
_SHORT_LINES = (
    OrderLine.objects.filter(order=OuterRef("pk"), kind=LineKind.PRODUCT)
    .annotate(open_pieces=_OPEN)
    .filter(~Exists(_PARTS) | Exists(_SHORT_PARTS), ~_enough("variant", "open_pieces"), open_pieces__gt=0)
)


@transaction.atomic
def allocate_orders(
    *, order_ids: Sequence[int], warehouse_id: int | None = None, in_parts: bool = False, actor: User | None = None
) -> BatchReport:
    """Reserve stock for orders that wait for it, the oldest first; what is still short is refused with its SKUs.

    ``done`` are the orders of which something can ship now. With ``warehouse_id`` everything is taken from there, also
    where it does not serve the sales channel. With ``in_parts`` an order takes what there is and ships it; the rest
    goes on waiting, also in later calls. Refused: orders in another state, and those held without taking stock.
    """
    check_right(can_confirm_orders, actor)
    locked = lock_orders(order_ids)
    stops = Stops(locked)
    waiting, refused = sift(order_ids, locked, lambda order: _not_waiting(order) or stops.against_stock(order))
    waiting.sort(key=lambda order: (order.placed_at, order.pk))
    lines = goods_of(waiting)
    parts = {order.pk for order in waiting if in_parts or order.ships_in_parts}
    before = _held_counts(parts, lines)
    places = () if warehouse_id is None else (warehouse_id,)
    answers = reserve_for(waiting, lines, places=places, parts=parts, actor=actor)
    gained = {pk: count - before[pk] for pk, count in _held_counts(parts, lines).items()}
    names = warehouse_names()
    facts: list[tuple[Event, int]] = []
    for order, answer in zip(waiting, answers, strict=True):
        count = gained[order.pk] if order.pk in parts else piece_count(lines[order.pk])
        if count > 0 if order.pk in parts else answer.is_served:
            fact = OrderAllocated(
                order_id=order.pk, piece_count=count, warehouse=names.get(answer.warehouse_id, "")
            )  # fmt: skip
            facts.append((fact, order.pk))
        else:
            reason = _("Still short: %(skus)s") % {"skus": ", ".join(lacking(answer))}
            refused.append(Refusal(order.pk, order.number, reason))
    done = [pk for _fact, pk in facts]
    _move_on(done, parts)
    record_many(facts, model=Order, actor=actor)
    return BatchReport(done=done, refused=refused)


def _held_counts(order_ids: Collection[int], lines: Mapping[int, Sequence[OrderLine]]) -> dict[int, int]:
    """Return how many sold pieces are held for each of these orders."""
    owners = {line.pk: pk for pk in order_ids for line in lines.get(pk, ())}
    counts = dict.fromkeys(order_ids, 0)
    if owners:
        for line_id, held in held_for(owners).items():
            counts[owners[line_id]] += sum(one.quantity for one in held)
    return counts


def _move_on(done: Sequence[int], parts: Collection[int]) -> None:
    now = timezone.now()
    waited = Order.objects.filter(pk__in=done, status=OrderStatus.AWAITING_STOCK)
    waited.update(status=OrderStatus.TO_SHIP, updated_at=now)
    Order.objects.filter(pk__in=[pk for pk in done if pk in parts]).update(ships_in_parts=True, updated_at=now)


def allocate_waiting_orders(*, variant_id: int | None = None, limit: int = BATCH) -> BatchReport:
    """Try the oldest ``limit`` orders again that wait for stock (of this variant or of a bundle it is in).

    Those that lack something by themselves are left out, or a few hundred of them would keep stock from all later ones;
    those that ship in parts take what there is.
    """
    may = Order.objects.filter(Q(is_held=False) | ~STOPPED)
    waiting = may.filter(~Exists(_SHORT_LINES), status=OrderStatus.AWAITING_STOCK)
    parts = may.filter(ships_in_parts=True, status__in=SHIPPING)
    if variant_id is not None:
        wanted = with_their_bundles(variant_ids=[variant_id])
        concerned = OrderLine.objects.filter(variant__in=wanted).values("order_id")
        waiting, parts = waiting.filter(pk__in=concerned), parts.filter(pk__in=concerned)
    oldest = [
        row
        for orders in (waiting, parts)
        for row in orders.order_by("placed_at", "pk").values_list("placed_at", "pk")[:limit]
    ]
    ids = [pk for _placed_at, pk in sorted(oldest)[:limit]]
    return allocate_orders(order_ids=ids) if ids else BatchReport()


def reserve_for(
    orders: Sequence[Order],
    lines: Mapping[int, Sequence[OrderLine]],
    *,
    places: tuple[int, ...] = (),
    parts: Collection[int] = (),
    actor: User | None,
) -> list[StockAnswer]:
    """Reserve all open pieces of each locked order and tie them to its lines; answer in that order.

    All or nothing, but of the orders in ``parts`` as much as there is; from ``places`` only, if they are named.
    """
    answers = reserve_stock(
        requests=[
            StockRequest(
                reference=order.number,
                country=order.country,
                sales_channel_id=order.sales_channel_id,
                warehouse_ids=places,
                take=Take.AVAILABLE if order.pk in parts else Take.ALL,
                needs=[
                    Need(
                        key=line_key(line.pk), variant_id=line.variant_id, quantity=line.quantity - line.cancelled_count
                    )
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
            Allocation(line_id=int(key.removeprefix(_PREFIX)), reservation_id=reservation_id)
            for answer in answers
            for key, reservation_ids in answer.reservation_ids.items()
            for reservation_id in reservation_ids
        ],
        ignore_conflicts=True,
    )
    return answers


def line_key(line_id: int) -> str:
    """Return under which key inventory holds pieces for an order line."""
    return f"{_PREFIX}{line_id}"


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
    waits = order.status == OrderStatus.AWAITING_STOCK or (order.ships_in_parts and order.status in SHIPPING)
    return "" if waits else _("It does not wait for stock.")
