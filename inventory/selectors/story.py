"""“Why is it 47?”: what changed stock, why, by whom, and the balance after it; line by line or summed up by day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from inventory.models import MovementKind, StockMovement
from inventory.selectors.shelves import shop_day

DAYS_AT_ONCE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """One step of a story; ``document`` is what people call the cause, ``page`` and ``page_id`` where it is shown."""

    id: int
    stock_item_id: int
    warehouse: str
    at: datetime
    kind: MovementKind
    on_hand_change: int
    reserved_change: int
    held_change: int
    on_hand_after: int
    reserved_after: int
    held_after: int
    document: str
    page: str  # name of its admin page; empty: the document's own number leads there
    page_id: int | None
    reason: str
    by: str

    @property
    def available_change(self) -> int:
        """Pieces more (or less) that could be promised."""
        return self.on_hand_change - self.reserved_change - self.held_change

    @property
    def available_after(self) -> int:
        """Pieces that could be promised after it."""
        return self.on_hand_after - self.reserved_after - self.held_after


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDay:
    """What one kind of movement did on one day of the shop."""

    day: date
    kind: MovementKind
    count: int  # movements
    on_hand_change: int
    reserved_change: int
    held_change: int


def stock_story(
    *,
    stock_item_id: int | None = None,
    variant_id: int | None = None,
    kinds: Collection[str] = (),
    limit: int = 50,
    before_id: int | None = None,
    after_id: int | None = None,
) -> list[StockLine]:
    """Return the newest movements of a stock item, or of a variant in all warehouses, newest first.

    ``before_id`` pages on to older ones; ``after_id`` gives the oldest that are newer than it. ``kinds``: only these.
    """
    movements = _movements(stock_item_id, variant_id, kinds)
    if after_id is not None:
        rows = list(movements.filter(id__gt=after_id).order_by("id")[:limit])[::-1]
    else:
        older = movements if before_id is None else movements.filter(id__lt=before_id)
        rows = list(older.order_by("-id")[:limit])
    return [_line(movement) for movement in rows]


def _movements(stock_item_id: int | None, variant_id: int | None, kinds: Collection[str]) -> QuerySet[StockMovement]:
    movements = StockMovement.objects.select_related(
        "stock_item__warehouse", "reservation", "entry__created_by", "entry__transfer", "entry__stocktake",
        "entry__assembly", "hold__created_by",
    )  # fmt: skip
    if stock_item_id is not None:
        movements = movements.filter(stock_item_id=stock_item_id)
    if variant_id is not None:
        movements = movements.filter(stock_item__variant_id=variant_id)
    return movements.filter(kind__in=kinds) if kinds else movements


def _line(movement: StockMovement) -> StockLine:
    entry, hold = movement.entry, movement.hold
    document, page, page_id = _document(movement)
    return StockLine(
        id=movement.pk,
        stock_item_id=movement.stock_item_id,
        warehouse=movement.stock_item.warehouse.name,
        at=movement.at,
        kind=MovementKind(movement.kind),
        on_hand_change=movement.on_hand_change,
        reserved_change=movement.reserved_change,
        held_change=movement.held_change,
        on_hand_after=movement.on_hand_after,
        reserved_after=movement.reserved_after,
        held_after=movement.held_after,
        document=document,
        page=page,
        page_id=page_id,
        reason=_reason(movement),
        by=str(cause.created_by or "") if (cause := entry or hold) else "",
    )


def _document(movement: StockMovement) -> tuple[str, str, int | None]:
    """Return what people call the cause, and its page."""
    entry, hold = movement.entry, movement.hold
    if entry is None:
        if hold is not None:
            return str(hold), "inventory_stockhold_change", hold.pk
        return str(movement.reservation), "", None
    for owner, page in (
        (entry.transfer, "inventory_transfer_change"),
        (entry.stocktake, "inventory_stocktake_change"),
        (entry.assembly, "inventory_assembly_change"),
    ):
        if owner is not None:
            return owner.number, page, owner.pk
    if entry.reference:
        return entry.reference, "", None
    return entry.number, "inventory_stockentry_change", entry.pk


def _reason(movement: StockMovement) -> str:
    if movement.entry is not None:
        cause = movement.entry.get_reason_code_display() if movement.entry.reason_code else ""
        return " · ".join(part for part in (str(cause), movement.entry.reason) if part)
    return movement.hold.note if movement.hold is not None else ""


def stock_days(
    *,
    stock_item_id: int | None = None,
    variant_id: int | None = None,
    kinds: Collection[str] = (),
    until: date | None = None,
    days: int = DAYS_AT_ONCE,
) -> list[StockDay]:
    """Return what each kind of movement did on each of the last ``days`` days up to ``until``, newest first."""
    zone = timezone.get_default_timezone()
    last = until or shop_day()
    first = last - timedelta(days=days - 1)
    rows = (
        _movements(stock_item_id, variant_id, kinds)
        .filter(at__gte=_midnight(first), at__lt=_midnight(last + timedelta(days=1)))
        .annotate(day=TruncDate("at", tzinfo=zone))
        .values("day", "kind")
        .annotate(
            count=Count("*"), on_hand=Sum("on_hand_change"), reserved=Sum("reserved_change"), held=Sum("held_change")
        )
        .order_by("-day", "kind")
    )
    return [
        StockDay(
            day=row["day"],
            kind=MovementKind(row["kind"]),
            count=row["count"],
            on_hand_change=row["on_hand"],
            reserved_change=row["reserved"],
            held_change=row["held"],
        )
        for row in rows
    ]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())


def last_agreeing(*, stock_item_id: int) -> int | None:
    """Return the id of the last movement up to which all balances are the sums of what changed; None: not one."""
    found = StockMovement.objects.raw(_AGREEING, {"item": stock_item_id})
    ids: Sequence[int] = [row.pk for row in found]
    return ids[0] if ids else None


_AGREEING = """
SELECT id FROM (
    SELECT id, bool_and(agrees) OVER (ORDER BY id) AS agrees
    FROM (
        SELECT id, (on_hand_after, reserved_after, held_after)
                   = (sum(on_hand_change) OVER w, sum(reserved_change) OVER w, sum(held_change) OVER w) AS agrees
        FROM inventory_stockmovement WHERE stock_item_id = %(item)s WINDOW w AS (ORDER BY id)
    ) m
) chain
WHERE agrees ORDER BY id DESC LIMIT 1
"""
