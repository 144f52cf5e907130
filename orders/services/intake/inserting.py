"""Orders that nobody has seen before: header, lines, payments and past shipments by COPY."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from psycopg.types.json import Jsonb

from catalog.models import SalesChannel
from compliance.selectors import jurisdiction_of
from core.copying import copy_rows, draw_ids
from core.models import RowOutcome
from core.sequences import document_number, next_numbers
from orders.models import (
    OPEN_STATUSES,
    Gift,
    LineKind,
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    PaymentKind,
    Shipment,
    ShipmentLine,
)
from orders.services.dispatching import SERIES as SHIPMENT_SERIES
from orders.services.intake.checking import checks, first_status
from orders.services.intake.drafts import (
    CONTACT_FIELDS,
    LineDraft,
    OrderDraft,
    PaymentDraft,
    Placed,
    PlacedLine,
    SourceState,
)
from orders.services.intake.spelling import as_kept
from orders.services.legal.deadlines import begin_shipping
from orders.services.searching import order_search_text

ORDER_SERIES = "orders.order"
CREATED = RowOutcome.CREATED.value
PRODUCT = LineKind.PRODUCT.value
CANCELLED = SourceState.CANCELLED.value
ORDER_COLUMNS = (
    "id",
    "number",
    "sales_channel_id",
    "external_number",
    "customer_id",
    "status",
    "to_check",
    "placed_at",
    "ship_by",
    "currency",
    "goods_total",
    "extras_total",
    "total",
    "paid_total",
    "line_count",
    "payment_method",
    "is_prepaid",
    "jurisdiction",
    *CONTACT_FIELDS,
    "delivery_on",
    "staff_note",
    "search_text",
    "channel_values",
    "confirmed_at",
    "shipped_at",
    "cancelled_at",
    "cancel_reason",
    "updated_at",
)
LINE_COLUMNS = (
    "id",
    "order_id",
    "kind",
    "external_id",
    "position",
    "variant_id",
    "sku",
    "name",
    "options",
    "quantity",
    "unit_price",
    "total",
    "shipped_count",
    "cancelled_count",
    "returned_count",
)


@dataclass(slots=True)
class Arrival:
    """A draft with the order it is, if we know it, and its customer."""

    draft: OrderDraft
    order: Order | None
    customer_id: int | None


@dataclass(slots=True)
class _New:
    id: int
    number: str
    arrival: Arrival
    status: OrderStatus
    to_check: list[str]
    payments: list[PaymentDraft]
    line_ids: list[int]


def insert_orders(
    arrivals: Sequence[Arrival], *, channel: SalesChannel, variants: Mapping[str, int], as_history: bool
) -> list[tuple[Placed, str]]:
    """Insert orders with all that belongs to them; return what became of each with its first status."""
    if not arrivals:
        return []
    line_ids = iter(draw_ids(OrderLine, sum(len(arrival.draft.lines) for arrival in arrivals)))
    new = []
    numbers = next_numbers(series=ORDER_SERIES, count=len(arrivals))
    for pk, value, arrival in zip(draw_ids(Order, len(arrivals)), numbers, arrivals, strict=True):
        draft = arrival.draft
        found = checks(draft, variants=variants, currency=channel.currency)
        status = first_status(draft, found, as_history=as_history)
        new.append(
            _New(
                id=pk,
                number=document_number("O", value),
                arrival=arrival,
                status=status,
                to_check=found if status == OrderStatus.NEW else [],
                payments=payments_of(draft),
                line_ids=[next(line_ids) for _line in draft.lines],
            )
        )
    copy_rows(Order, ORDER_COLUMNS, (_order_row(one, channel) for one in new))
    copy_rows(OrderLine, LINE_COLUMNS, (row for one in new for row in _line_rows(one, variants)))
    Gift.objects.bulk_create(Gift(order_id=one.id, **one.arrival.draft.gift) for one in new if one.arrival.draft.gift)
    insert_payments([(one.id, one.arrival.draft, payment) for one in new for payment in one.payments])
    insert_past_shipments(
        [
            (one.id, one.arrival.draft, pk, line)
            for one in new
            if one.status == OrderStatus.SHIPPED
            for pk, line in zip(one.line_ids, one.arrival.draft.lines, strict=True)
            if has_left(line, one.arrival.draft)
        ]
    )
    begin_shipping([_to_ship(one) for one in new if not as_history and one.status in OPEN_STATUSES])
    return [(_placed(one), one.status.value) for one in new]


def _to_ship(new: _New) -> tuple[Order, datetime | None]:
    """Return the order as far as legal deadlines need it, and when it was paid; None while it is not."""
    draft = new.arrival.draft
    order = Order(
        pk=new.id,
        number=new.number,
        country=draft.country,
        jurisdiction=jurisdiction_of(draft.country),
        placed_at=draft.placed_at,
        currency=draft.currency,
        is_prepaid=_is_prepaid(draft),
    )
    captured = [payment for payment in new.payments if payment.kind == PaymentKind.CAPTURE]
    is_paid = sum(payment.amount for payment in captured) >= sum(line.total for line in draft.lines)
    moments = [payment.paid_at or draft.placed_at for payment in captured]
    return order, max(moments, default=draft.placed_at) if is_paid else None


def _is_prepaid(draft: OrderDraft) -> bool:
    return draft.is_prepaid if draft.is_prepaid is not None else draft.is_paid is not None


def has_left(line: LineDraft, draft: OrderDraft) -> bool:
    """Tell whether a line of a past order was shipped: goods that were not cancelled."""
    return line.kind == PRODUCT and (line.state or draft.state) != CANCELLED


def payments_of(draft: OrderDraft) -> list[PaymentDraft]:
    """Return the draft's payments; one for the whole total where the source only says that it is paid."""
    total = sum(line.total for line in draft.lines)
    if draft.payments or not draft.is_paid or total <= 0:
        return [payment for payment in draft.payments if payment.amount > 0]
    return [PaymentDraft(amount=total, method=draft.payment_method, is_running_total=True)]


def channel_values(draft: OrderDraft) -> dict[str, str]:
    """Return what the channel says of the fields that staff may correct."""
    told = {name: value for name in CONTACT_FIELDS if (value := getattr(draft, name))}
    return told | ({"delivery_on": draft.delivery_on.isoformat()} if draft.delivery_on else {})


def line_row(pk: int, order_id: int, position: int, line: LineDraft, variant: int | None) -> list[Any]:
    """Return a line as values of LINE_COLUMNS, its counters at zero."""
    return [
        pk,
        order_id,
        line.kind,
        line.external_id,
        position,
        variant,
        line.sku,
        line.name or line.sku or str(LineKind(line.kind).label),
        line.options,
        line.quantity,
        line.unit_price,
        line.total,
        0,
        0,
        0,
    ]


def insert_payments(entries: Sequence[tuple[int, OrderDraft, PaymentDraft]]) -> None:
    """Insert payments; running totals are taken as they are (nothing is recorded before)."""
    copy_rows(
        Payment,
        ("order_id", "kind", "method", "amount", "currency", "external_id", "paid_at"),
        (
            (
                order_id,
                payment.kind,
                payment.method or draft.payment_method,
                payment.amount,
                draft.currency,
                payment.external_id,
                payment.paid_at or draft.placed_at,
            )
            for order_id, draft, payment in entries
        ),
    )


def insert_past_shipments(gone: Sequence[tuple[int, OrderDraft, int, LineDraft]]) -> None:
    """Insert shipments of (order, draft, line id, line) from before we knew them: no warehouse, no stock moved."""
    parcels: dict[tuple[int, str, str], list[tuple[OrderDraft, int, LineDraft]]] = defaultdict(list)
    for order_id, draft, line_id, line in gone:
        parcels[order_id, line.carrier, line.tracking_number].append((draft, line_id, line))
    ids = draw_ids(Shipment, len(parcels))
    numbers = next_numbers(series=SHIPMENT_SERIES, count=len(parcels)) if parcels else range(0)
    copy_rows(
        Shipment,
        ("id", "number", "order_id", "carrier", "tracking_number", "shipped_at"),
        (
            (pk, document_number("S", value), order_id, carrier, tracking, _left_at(lines[0][0]))
            for pk, value, ((order_id, carrier, tracking), lines) in zip(ids, numbers, parcels.items(), strict=True)
        ),
    )
    copy_rows(
        ShipmentLine,
        ("shipment_id", "line_id", "quantity"),
        (
            (pk, line_id, line.quantity)
            for pk, lines in zip(ids, parcels.values(), strict=True)
            for _draft, line_id, line in lines
        ),
    )


def _left_at(draft: OrderDraft) -> datetime:
    return draft.shipped_at or draft.placed_at


def _order_row(new: _New, channel: SalesChannel) -> list[Any]:
    draft, status = new.arrival.draft, new.status
    country = draft.country or channel.country
    contact: dict[str, Any] = {name: as_kept(name, getattr(draft, name), country) for name in CONTACT_FIELDS}
    goods = sum(line.total for line in draft.lines if line.kind == PRODUCT)
    extras = sum(line.total for line in draft.lines if line.kind != PRODUCT)
    paid = sum(p.amount if p.kind == PaymentKind.CAPTURE else -p.amount for p in new.payments)
    past = status == OrderStatus.SHIPPED
    return [
        new.id,
        new.number,
        channel.pk,
        draft.external_number,
        new.arrival.customer_id,
        status.value,
        ",".join(new.to_check),
        draft.placed_at,
        draft.ship_by or draft.placed_at + timedelta(days=channel.ship_within_days),
        draft.currency,
        goods,
        extras,
        goods + extras,
        paid,
        len(draft.lines),
        draft.payment_method,
        _is_prepaid(draft),
        jurisdiction_of(draft.country),
        *contact.values(),
        draft.delivery_on,
        "",
        order_search_text(new.number, replace(draft, **contact)),
        Jsonb(channel_values(draft)),
        draft.placed_at if past else None,
        _left_at(draft) if past else None,
        (draft.cancelled_at or draft.placed_at) if status == OrderStatus.CANCELLED else None,
        draft.cancel_reason if status == OrderStatus.CANCELLED else "",
        timezone.now(),
    ]


def _line_rows(new: _New, variants: Mapping[str, int]) -> Iterator[list[Any]]:
    draft = new.arrival.draft
    is_shipped, is_off = new.status == OrderStatus.SHIPPED, new.status == OrderStatus.CANCELLED
    for position, (pk, line) in enumerate(zip(new.line_ids, draft.lines, strict=True), start=1):
        is_goods = line.kind == PRODUCT
        row = line_row(pk, new.id, position, line, variants.get(line.sku) if is_goods else None)
        if is_goods and is_shipped and has_left(line, draft):
            row[12] = line.quantity
        elif is_goods and (is_off or line.state == CANCELLED):
            row[13] = line.quantity
        yield row


def _placed(new: _New) -> Placed:
    lines = {
        line.external_id: PlacedLine(pk, CREATED)
        for pk, line in zip(new.line_ids, new.arrival.draft.lines, strict=True)
    }
    return Placed(new.id, new.number, CREATED, lines)
