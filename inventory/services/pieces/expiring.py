"""Pieces of lots that end soon are held back by the clock, and freed when it turns out that they do not."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, Max

from core.events import record_many
from core.models import EventRecord
from inventory.events import LotBlocked
from inventory.models import HoldKind, Lot, Reservation, ShelfStock, StockHold, StockItem, StockPolicy
from inventory.selectors.shelves import Rack, racks_of, shop_day
from inventory.services.ledger import lock_items
from inventory.services.setting_aside import HoldWish, free_holds, write_holds

CHUNK = 200  # stock items of one transaction
NAMED = 5  # documents that an event quotes


def hold_expiring_lots(*, now: datetime | None = None) -> int:
    """Hold back what is free of lots that end within their variant's days and return how many pieces are held newly.

    A lot ends at midnight of the shop's day; one that ends today is blocked even without days, because no parcel
    arrives before tomorrow. One hold for each lot and stock item grows with what arrives or is released later, and is
    freed when the lot turns out to end later. Pieces that are reserved already stay so: ``LotBlocked`` tells it on the
    stock item, once for each lot. A second run finds nothing to do.
    """
    today = shop_day(now)
    ids = _concerned(today)
    return sum(_hold_chunk(ids[start : start + CHUNK], now) for start in range(0, len(ids), CHUNK))


def _concerned(today: date) -> list[int]:
    """Return the stock items with a lot that may have ended, or with a hold that may be out of date."""
    longest = StockPolicy.objects.aggregate(days=Max("block_days"))["days"] or 0
    ending = ShelfStock.objects.filter(quantity__gt=0, lot__expires_on__lte=today + timedelta(days=longest))
    held = StockHold.objects.filter(kind=HoldKind.EXPIRY, quantity__gt=F("released"))
    return sorted({*ending.values_list("stock_item", flat=True), *held.values_list("stock_item", flat=True)})


@transaction.atomic
def _hold_chunk(ids: Sequence[int], now: datetime | None) -> int:
    items = {item.pk: item for item in lock_items(pk__in=ids)}
    before = {hold.key: hold for hold in StockHold.objects.filter(stock_item__in=ids, kind=HoldKind.EXPIRY)}
    racks = racks_of(stock_item_ids=ids, now=now)
    blocked = {_key(shelf.lot_id, pk) for pk, rack in racks.items() for shelf in rack.shelves if shelf.is_blocked}
    over = {hold.pk: hold.held for key, hold in before.items() if key not in blocked and _is_still_there(hold, racks)}
    free_holds(over, None)
    rows = [row for pk in ids for row in _blocked_lots(items[pk], racks[pk])]
    wishes = [
        HoldWish(stock_item_id=item.pk, kind=HoldKind.EXPIRY, quantity=pieces, lot_id=lot, key=_key(lot, item.pk))
        for item, lot, pieces, _reserved in rows
        if pieces
    ]
    write_holds(wishes, None, grows={key: hold.pk for key, hold in before.items()})
    _tell(rows)
    return sum(wish.quantity for wish in wishes)


def _key(lot_id: int | None, stock_item_id: int) -> str:
    return f"expiry:{lot_id}:{stock_item_id}"


def _is_still_there(hold: StockHold, racks: dict[int, Rack]) -> bool:
    """Tell whether pieces of the hold's lot lie there and are good again; one whose lot is gone keeps its pieces."""
    return any(shelf.lot_id == hold.lot_id for shelf in racks[hold.stock_item_id].shelves)


def _blocked_lots(item: StockItem, rack: Rack) -> Iterator[tuple[StockItem, int, int, int]]:
    """Yield (item, lot, pieces to hold, pieces that stay reserved) for each blocked lot with free pieces."""
    available = item.available
    free: dict[int, int] = {}
    for shelf in rack.shelves:
        if shelf.is_blocked and shelf.lot_id is not None and shelf.free > 0:
            free[shelf.lot_id] = free.get(shelf.lot_id, 0) + shelf.free
    for lot_id, pieces in free.items():
        held = max(0, min(pieces, available))
        available -= held
        yield item, lot_id, held, pieces - held


def _tell(rows: Sequence[tuple[StockItem, int, int, int]]) -> None:
    """Record what is blocked; of lots that are reserved as a whole only once."""
    told = _told([item.pk for item, _lot, held, _reserved in rows if not held])
    news = [row for row in rows if row[2] or (row[0].pk, row[1]) not in told]
    lots = Lot.objects.in_bulk([lot for _item, lot, _held, _reserved in news])
    facts = []
    for item, lot_id, held, reserved in news:
        lot = lots[lot_id]
        fact = LotBlocked(
            stock_item_id=item.pk,
            variant_id=item.variant_id,
            lot_id=lot_id,
            number=lot.number,
            expires_on=lot.expires_on.isoformat() if lot.expires_on else "",
            held=held,
            reserved=reserved,
            documents=_documents(item.pk) if reserved else [],
        )
        facts.append((fact, item.pk))
    record_many(facts, model=StockItem, actor=None)


def _told(ids: Sequence[int]) -> set[tuple[int, int]]:
    if not ids:
        return set()
    subject = ContentType.objects.get_for_model(StockItem)
    records = EventRecord.objects.filter(subject_type=subject, subject_id__in=ids, name=LotBlocked.name)
    return {(row["stock_item_id"], row["lot_id"]) for row in records.values_list("data", flat=True)}


def _documents(stock_item_id: int) -> list[str]:
    held = Reservation.objects.filter(stock_item=stock_item_id, quantity__gt=F("shipped") + F("released"))
    return [str(reservation) for reservation in held.order_by("pk")[:NAMED]]
