"""Where the goods lie: bins, lots that end soon and late, numbered pieces, and what is held back."""

from collections.abc import Mapping
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from inventory.models import Bin, EntryKind, HoldKind, StockItem, Warehouse
from inventory.selectors.shelves import shop_day
from inventory.services import (
    EntryLine,
    HoldWish,
    LotGiven,
    hold_expiring_lots,
    hold_stock,
    post_entry,
    put_away,
    set_stock_policy,
)
from staff.models import User

ZONES = ("A", "B", "C")
BINS = 8  # in each zone
PLACED = 40  # stock items whose pieces lie in bins
BLOCK_DAYS = 30
LOTS = ((18, 24), (75, 60), (400, 120))  # days to go, pieces
KEPT = (
    (HoldKind.DAMAGED, 2, None, "Crushed in transit"),
    (HoldKind.QUARANTINE, 4, None, "Smell reported by two customers"),
    (HoldKind.DISPLAY, 1, None, "Shop window"),
    (HoldKind.EXCHANGE, 1, 2, "Waits for the first one to come back"),
    (HoldKind.DEAL, 3, 5, "Deal of the week"),
    (HoldKind.OPENED, 1, None, "Opened by the customer, as good as new"),
)


def place_pieces(*, team: Mapping[str, User]) -> None:
    """Put pieces of the first warehouse into bins, receive lots and numbered pieces, hold some back."""
    keeper = team["warehouse"]
    warehouse = Warehouse.objects.order_by("rank", "pk")[0]
    bins = Bin.objects.bulk_create(
        [
            Bin(warehouse=warehouse, code=f"{zone}-{place:02d}", zone=zone, pick_rank=10 * (1 + BINS * row + place))
            for row, zone in enumerate(ZONES)
            for place in range(1, BINS + 1)
        ]
    )
    free = StockItem.objects.filter(warehouse=warehouse, on_hand__gte=F("reserved") + 12).select_related("variant")
    items = list(free.order_by("variant__sku", "pk")[:PLACED])
    for number, item in enumerate(items[2:], start=2):
        put_away(stock_item_id=item.pk, quantity=item.on_hand // 2, bin_id=bins[number % len(bins)].pk, actor=keeper)
    if len(items) < 2 + len(KEPT):
        return
    _receive_lots(items[0], bins[0], team)
    _receive_numbered(items[1], bins[1], team)
    for item, (kind, pieces, days, note) in zip(items[2:], KEPT, strict=False):
        until = timezone.now() + timedelta(days=days) if days else None
        wish = HoldWish(stock_item_id=item.pk, kind=kind, quantity=pieces, until=until, note=note)
        hold_stock(wishes=[wish], actor=keeper)
    hold_expiring_lots()


def _receive_lots(item: StockItem, place: Bin, team: Mapping[str, User]) -> None:
    values = {"tracks_lots": True, "block_days": BLOCK_DAYS}
    set_stock_policy(variant_id=item.variant_id, values=values, actor=team["merchandiser"])
    lines = [
        EntryLine(
            variant_id=item.variant_id,
            warehouse_id=item.warehouse_id,
            quantity=pieces,
            lot=LotGiven(number=f"L{number:03d}", expires_on=shop_day() + timedelta(days=days)),
            bin_id=place.pk,
        )
        for number, (days, pieces) in enumerate(LOTS, start=1)
    ]
    post_entry(kind=EntryKind.RECEIPT, lines=lines, reference="PO-LOTS", actor=team["warehouse"])


def _receive_numbered(item: StockItem, place: Bin, team: Mapping[str, User]) -> None:
    set_stock_policy(variant_id=item.variant_id, values={"tracks_serials": True}, actor=team["merchandiser"])
    line = EntryLine(
        variant_id=item.variant_id,
        warehouse_id=item.warehouse_id,
        quantity=5,
        bin_id=place.pk,
        serials=tuple(f"SN-{number:05d}" for number in range(1, 6)),
    )
    post_entry(kind=EntryKind.RECEIPT, lines=[line], reference="PO-SERIALS", actor=team["warehouse"])
