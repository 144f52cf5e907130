"""Lines of known orders, merged by their external id."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db import connection

from core.copying import copy_rows, draw_ids, update_rows
from core.models import RowOutcome
from orders.models import LineKind, Order, OrderLine, OrderStatus
from orders.services.intake.drafts import LineDraft, OrderDraft, PlacedLine, SourceState
from orders.services.intake.inserting import LINE_COLUMNS, insert_past_shipments, line_row

NEW, CHANGED, SAME, REFUSED = (
    RowOutcome.CREATED.value,
    RowOutcome.UPDATED.value,
    RowOutcome.UNCHANGED.value,
    RowOutcome.REFUSED.value,
)
UPDATED_COLUMNS = (
    ("variant_id", "bigint"),
    ("kind", "text"),
    ("sku", "text"),
    ("name", "text"),
    ("options", "text"),
    ("quantity", "int"),
    ("unit_price", "numeric"),
    ("total", "bigint"),
    ("shipped_count", "int"),
    ("cancelled_count", "int"),
)


@dataclass(slots=True)
class KnownLine:
    """A line as it stands in the database."""

    id: int
    variant_id: int | None
    kind: str
    sku: str
    name: str
    options: str
    quantity: int
    unit_price: Decimal
    total: int
    shipped_count: int
    cancelled_count: int
    returned_count: int
    told: list[Any] | None  # what the channel told before somebody changed the line here

    def values(self) -> tuple[object, ...]:
        """Return id and UPDATED_COLUMNS."""
        found: tuple[object, ...] = _values(self)
        return found


_values = attrgetter(*KnownLine.__slots__[:-2])


@dataclass(slots=True)
class LineChanges:
    """What the draft does to the lines of one order; ``placed`` answers by external id."""

    placed: dict[str, PlacedLine] = field(default_factory=dict)
    added: list[LineDraft] = field(default_factory=list)
    updated: list[KnownLine] = field(default_factory=list)
    matched: dict[str, int] = field(default_factory=dict)  # SKU -> variant, by hand or by now
    next_position: int = 1
    variants: Mapping[str, int] = field(default_factory=dict)
    has_late_cancellation: bool = False
    told: dict[int, list[Any]] = field(default_factory=dict)  # new words about lines that were changed here

    @property
    def is_changed(self) -> bool:
        """Tell whether a line is new or changed."""
        return bool(self.added or self.updated)

    @property
    def is_refused(self) -> bool:
        """Tell whether a change came too late."""
        return any(line.outcome == REFUSED for line in self.placed.values())


def known_lines(order_ids: Sequence[int]) -> dict[int, dict[str, KnownLine]]:
    """Return the lines of orders by order and external id."""
    found: dict[int, dict[str, KnownLine]] = defaultdict(dict)
    names = KnownLine.__slots__
    rows = OrderLine.objects.filter(order_id__in=order_ids).values_list("order_id", "external_id", *names)
    for order_id, external_id, *values in rows:
        found[order_id][external_id] = KnownLine(*values)
    return found


def merge_lines(
    draft: OrderDraft,
    known: Mapping[str, KnownLine],
    variants: Mapping[str, int],
    *,
    may_change: bool,
) -> LineChanges:
    """Compare a draft's lines with the order's; without ``may_change`` new and differing lines are refused.

    Lines that the draft does not mention stay: a file may hold a part of an order only.
    """
    changes = LineChanges(next_position=len(known) + 1, variants=variants)
    changes.matched = {line.sku: line.variant_id for line in known.values() if line.variant_id}
    for line in draft.lines:
        ours = known.get(line.external_id)
        if ours is None:
            _add(changes, line, may_change=may_change)
            continue
        if ours.told is not None:
            _compare_with_told(changes, ours, line)
            continue
        is_other = _differs(ours, line)
        if is_other and (not may_change or line.quantity < ours.returned_count):
            changes.placed[line.external_id] = PlacedLine(ours.id, REFUSED, "confirmed")
            continue
        is_new = _take_over(changes, ours, line, may_change=may_change)
        changes.placed[line.external_id] = PlacedLine(ours.id, CHANGED if is_new else SAME)
        if is_new:
            changes.updated.append(ours)
    return changes


def write_lines(entries: Iterable[tuple[Order, OrderDraft, LineChanges]], *, as_history: bool) -> None:
    """Write the changes of many orders in a fixed number of statements."""
    every = list(entries)
    _keep_told({pk: word for _o, _d, changes in every for pk, word in changes.told.items()})
    merged = [entry for entry in every if entry[2].is_changed]
    update_rows(OrderLine, UPDATED_COLUMNS, [line.values() for _o, _d, changes in merged for line in changes.updated])
    _follow_shipments([line.id for _o, _d, changes in merged for line in changes.updated if line.shipped_count])
    ids = iter(draw_ids(OrderLine, sum(len(changes.added) for _o, _d, changes in merged)))
    rows, gone = [], []
    for order, draft, changes in merged:
        for position, line in enumerate(changes.added, start=changes.next_position):
            pk = next(ids)
            is_goods = line.kind == LineKind.PRODUCT
            row = line_row(pk, order.pk, position, line, changes.variants.get(line.sku) if is_goods else None)
            changes.placed[line.external_id].line_id = pk
            if is_goods and (order.status == OrderStatus.CANCELLED or line.state == SourceState.CANCELLED):
                row[13] = line.quantity
            elif is_goods and as_history and order.status == OrderStatus.SHIPPED:
                row[12] = line.quantity
                gone.append((order.pk, draft, pk, line))
            rows.append(row)
    copy_rows(OrderLine, LINE_COLUMNS, rows)
    insert_past_shipments(gone)


def _keep_told(words: Mapping[int, list[Any]]) -> None:
    """Remember what the channel says now of lines that were changed here: it is told to a person once."""
    for pk, word in words.items():
        OrderLine.objects.filter(pk=pk).update(told=word)


def _follow_shipments(line_ids: Sequence[int]) -> None:
    """Let past shipments (no warehouse, no stock moved) hold what their lines say was shipped."""
    if not line_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_shipmentline AS p SET quantity = l.shipped_count"
            " FROM orders_orderline l, orders_shipment s WHERE p.line_id = l.id AND s.id = p.shipment_id"
            " AND s.warehouse_id IS NULL AND l.id = ANY(%s) AND p.quantity <> l.shipped_count",
            [list(line_ids)],
        )


def _compare_with_told(changes: LineChanges, ours: KnownLine, line: LineDraft) -> None:
    """Leave a line that somebody changed here as it is; a new word of the channel about it is refused, once."""
    word = [line.quantity, str(line.unit_price), line.total, line.sku or ours.sku, line.kind]
    known = ours.told or []
    if word[:1] + word[2:] == known[:1] + known[2:] and line.unit_price == Decimal(known[1]):
        changes.placed[line.external_id] = PlacedLine(ours.id, SAME)
        return
    changes.placed[line.external_id] = PlacedLine(ours.id, REFUSED, "confirmed")
    changes.told[ours.id] = word


def _add(changes: LineChanges, line: LineDraft, *, may_change: bool) -> None:
    if may_change:
        changes.added.append(line)
        changes.placed[line.external_id] = PlacedLine(None, NEW)
    else:
        changes.placed[line.external_id] = PlacedLine(None, REFUSED, "confirmed")


def _differs(ours: KnownLine, line: LineDraft) -> bool:
    return (ours.quantity, ours.unit_price, ours.total, ours.sku, ours.kind) != (
        line.quantity,
        line.unit_price,
        line.total,
        line.sku or ours.sku,
        line.kind,
    )


def _take_over(changes: LineChanges, ours: KnownLine, line: LineDraft, *, may_change: bool) -> bool:
    """Bring our line to what the draft says, where that is allowed; tell whether anything changed."""
    before = ours.values()
    if not may_change:
        changes.has_late_cancellation |= line.state == SourceState.CANCELLED and ours.cancelled_count < ours.quantity
        return False
    if ours.shipped_count:
        ours.shipped_count = line.quantity
    is_off = line.state == SourceState.CANCELLED and line.kind == LineKind.PRODUCT and not ours.shipped_count
    if is_off or ours.cancelled_count == ours.quantity:
        ours.cancelled_count = line.quantity
    ours.quantity, ours.unit_price, ours.total, ours.kind = line.quantity, line.unit_price, line.total, line.kind
    ours.sku = line.sku or ours.sku
    ours.name = line.name or ours.name
    ours.options = line.options or ours.options
    if ours.variant_id is None and line.kind == LineKind.PRODUCT and line.sku in changes.variants:
        ours.variant_id = changes.matched[line.sku] = changes.variants[line.sku]
    return ours.values() != before
