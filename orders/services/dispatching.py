"""What shipping many orders and shipping one have in common: packing, sending, and saying what is complete."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.services import Stop
from core.events import Event, record_many
from core.sequences import document_number, next_numbers
from inventory.services import Portion, ship_stock
from orders.events import OrderCompleted, OrderShipped
from orders.models import Order, OrderLine, OrderStatus, Shipment, ShipmentLine
from orders.services.batches import BatchReport, Refusal, When, moment, move_orders
from orders.services.counting import Counter, raise_counter
from orders.services.holdings import Held, by_warehouse, draw, held_for
from orders.services.legal.deadlines import end_shipping
from orders.services.numbering import ChosenLots, numbered_pieces, numbers_given, of_lots, portions_of
from orders.services.parcels.leaving import note_departure
from orders.services.releasing import ReleaseDates
from staff.models import User

SERIES = "orders.shipment"
Pieces = Mapping[int, Mapping[int, int]]  # order id -> line id -> pieces


@dataclass(frozen=True, slots=True)
class Label:
    """What is known of the parcels: carrier, tracking numbers by order id, when they left, serials by line id, lots."""

    carrier: str = ""
    tracking_numbers: Mapping[int, str] = field(default_factory=dict)
    at: When = None
    serials: Mapping[int, Sequence[str]] = field(default_factory=dict)
    lots: ChosenLots = field(default_factory=ChosenLots)
    parcel_id: int | None = None  # the planned parcel that leaves
    warehouse_id: int | None = None  # only what lies there; None: wherever it lies


@dataclass(slots=True)
class _Parcel:
    order: Order
    contents: list[Held]
    shipment: Shipment

    @property
    def piece_count(self) -> int:
        return sum(held.quantity for held in self.contents)


@dataclass(slots=True)
class DispatchReport(BatchReport):
    """``done`` are the orders of which something left; their new shipments by order id."""

    shipments: dict[int, list[Shipment]] = field(default_factory=lambda: defaultdict(list))


def pieces_to_ship(orders: Sequence[Order], lines: Mapping[int, Sequence[OrderLine]]) -> dict[int, dict[int, int]]:
    """Return everything that is left of each order; of one that ships in parts what is reserved of it."""
    found = {order.pk: {line.pk: line.open_count for line in lines.get(order.pk, ())} for order in orders}
    parts = [order.pk for order in orders if order.ships_in_parts]
    held = held_for([line_id for pk in parts for line_id in found[pk]]) if parts else {}
    for pk in parts:
        found[pk] = {line_id: sum(one.quantity for one in held.get(line_id, ())) for line_id in found[pk]}
    return found


def dispatch(
    orders: Sequence[Order], lines: Mapping[int, Sequence[OrderLine]], pieces: Pieces, label: Label, actor: User | None
) -> DispatchReport:
    """Ship ``pieces`` of the locked ``orders``.

    Refused is an order whose pieces are not all reserved, or which has something in it that is not released yet.

    1. Orders are locked by the caller; ship_stock locks the stock items; document numbers are drawn last.
    2. One shipment for each order and warehouse; an order without goods just becomes complete.
    """
    now = timezone.now()
    held = held_for([line_id for order in orders for line_id in pieces[order.pk]])
    if label.warehouse_id is not None:
        held = {line: [one for one in rows if one.warehouse_id == label.warehouse_id] for line, rows in held.items()}
    numbered = numbered_pieces(held)
    drawn_of = {order.pk: draw(held, pieces[order.pk]) for order in orders}
    release = ReleaseDates(drawn_of.values(), lines)
    parcels: list[_Parcel] = []
    report = DispatchReport()
    for order in orders:
        drawn = drawn_of[order.pk]
        if drawn is None or (order.ships_in_parts and not drawn):
            problem = _("Not all of its pieces are reserved.")
        elif not numbers_given(drawn, label.serials, numbered):
            problem = _("Ship it by itself, with its serial numbers.")
        else:
            problem = release.problem(drawn, moment(label.at, order.pk, now))
        if drawn is None or problem:
            report.refused.append(Refusal(order.pk, order.number, problem))
            continue
        report.done.append(order.pk)
        for warehouse_id, contents in by_warehouse(drawn).items():
            shipment = Shipment(
                order=order,
                warehouse_id=warehouse_id,
                carrier=label.carrier,
                tracking_number=label.tracking_numbers.get(order.pk, ""),
                shipped_at=moment(label.at, order.pk, now),
            )
            parcels.append(_Parcel(order, contents, shipment))
    portions = portions_of([one for parcel in parcels for one in parcel.contents], label.serials, numbered)
    _send(parcels, of_lots(portions, drawn_of.values(), label.lots), actor)
    for parcel in parcels:
        report.shipments[parcel.order.pk].append(parcel.shipment)
    done = [order for order in orders if order.pk in set(report.done)]
    complete = {order.pk for order in done if _is_complete(lines.get(order.pk, ()), pieces[order.pk])}
    _move_on(done, complete, label.at)
    numbers = {parcel.order.pk: parcel.shipment.number for parcel in parcels}
    note_departure(report.shipments, {pk: pieces[pk] for pk in report.done}, label.parcel_id, actor)
    stops = {pk: Stop(at=moment(label.at, pk, now), evidence=numbers.get(pk, _("No goods"))) for pk in complete}
    end_shipping(stops, actor)
    _record(done, complete, parcels, actor)
    return report


def _send(parcels: Sequence[_Parcel], portions: Sequence[Portion], actor: User | None) -> None:
    """Write shipments with their lines, and take the pieces out of stock."""
    ship_stock(portions=portions, actor=actor)
    if not parcels:
        return
    for parcel, number in zip(parcels, next_numbers(series=SERIES, count=len(parcels)), strict=True):
        parcel.shipment.number = document_number("S", number)
    Shipment.objects.bulk_create([parcel.shipment for parcel in parcels])
    shipped: dict[int, int] = defaultdict(int)
    rows: list[ShipmentLine] = []
    for parcel in parcels:
        packed: dict[int, int] = defaultdict(int)
        for held in parcel.contents:
            packed[held.line_id] += held.quantity
            shipped[held.line_id] += held.quantity
        rows += [ShipmentLine(shipment=parcel.shipment, line_id=pk, quantity=count) for pk, count in packed.items()]
    ShipmentLine.objects.bulk_create(rows)
    raise_counter(Counter.SHIPPED, shipped)


def _is_complete(lines: Sequence[OrderLine], sent: Mapping[int, int]) -> bool:
    return all(line.open_count == sent.get(line.pk, 0) for line in lines)


def _move_on(orders: Sequence[Order], complete: set[int], at: When) -> None:
    move_orders(sorted(complete), OrderStatus.SHIPPED, "shipped_at", at)
    partly = [order.pk for order in orders if order.pk not in complete]
    Order.objects.filter(pk__in=partly).update(status=OrderStatus.PARTLY_SHIPPED, updated_at=timezone.now())


def _record(orders: Sequence[Order], complete: set[int], parcels: Sequence[_Parcel], actor: User | None) -> None:
    last = {parcel.order.pk: parcel for parcel in parcels}
    facts: list[tuple[Event, int]] = [
        (
            OrderShipped(
                order_id=parcel.order.pk,
                shipment_id=parcel.shipment.pk,
                shipment=parcel.shipment.number,
                piece_count=parcel.piece_count,
                carrier=parcel.shipment.carrier,
                tracking_number=parcel.shipment.tracking_number,
                is_complete=parcel.order.pk in complete and parcel is last[parcel.order.pk],
            ),
            parcel.order.pk,
        )
        for parcel in parcels
    ]
    facts += [(OrderCompleted(order_id=order.pk), order.pk) for order in orders if order.pk not in last]
    record_many(facts, model=Order, actor=actor)
