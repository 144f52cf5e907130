"""What the valuation needs to know about movements: which are next, and what came at which cost."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import F
from django.utils import timezone

from inventory.models import MovementKind, StockMovement
from purchasing.models import CostEntry, GoodsReceipt, GoodsReceiptLine
from purchasing.selectors.rates import exact_in_shop_currency, rate_on
from purchasing.services.valuing.costing import ZERO, Book, Worth

_NEXT = """
SELECT m.id, s.variant_id, m.kind, m.on_hand_change, m.at, m.entry_id, e.transfer_id, e.assembly_id
FROM inventory_stockmovement m
JOIN inventory_stockitem s ON s.id = m.stock_item_id
LEFT JOIN inventory_stockentry e ON e.id = m.entry_id
WHERE m.id > %(after)s AND m.on_hand_change <> 0
  AND NOT EXISTS (SELECT FROM purchasing_costentry c WHERE c.movement_id = m.id)
ORDER BY m.id LIMIT %(limit)s
"""
_KITS = """
SELECT m.id, s.variant_id, m.kind, m.on_hand_change, m.at, m.entry_id, e.transfer_id, e.assembly_id
FROM inventory_stockmovement m
JOIN inventory_stockitem s ON s.id = m.stock_item_id
JOIN inventory_stockentry e ON e.id = m.entry_id
WHERE m.entry_id = ANY(%(entries)s) AND m.on_hand_change <> 0
ORDER BY m.id
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """One movement that changed what is on hand."""

    pk: int
    variant_id: int
    kind: str
    change: int
    at: datetime
    entry_id: int | None
    transfer_id: int | None
    assembly_id: int | None


@dataclass(frozen=True, slots=True)
class Landed:
    """Landed cost that stock does not know yet: of the pieces that came by these movements (id: pieces)."""

    variant_id: int
    pieces: dict[int, int]
    amount: Decimal
    reason: str
    is_gone: bool


def unvalued_movements(*, after: int, limit: int) -> list[Moved]:
    """Return the next movements without a cost entry in the order of their ids.

    All of a kit come together, at the place of the first and what went in before what came out: its cost is theirs.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, {"after": after, "limit": limit})
        found = [Moved(*row) for row in cursor.fetchall()]
        kits = {one.entry_id for one in found if one.assembly_id is not None}
        if kits:
            known = {one.pk for one in found}
            cursor.execute(_KITS, {"entries": list(kits)})
            found += [one for row in cursor.fetchall() if (one := Moved(*row)).pk not in known]
    first: dict[int | None, int] = {}
    for one in found:
        if one.entry_id in kits:
            first[one.entry_id] = min(one.pk, first.get(one.entry_id, one.pk))
    return sorted(found, key=lambda one: (first.get(one.entry_id, one.pk), one.change > 0, one.pk))


class Costs:
    """What is known about the costs of a batch of movements, and what becomes known while it is worked off."""

    def __init__(self, moved: Sequence[Moved]) -> None:
        entries = {one.entry_id for one in moved if one.entry_id is not None}
        self._prices = _prices(entries)
        self._undone = _undone(entries)
        self._sent = _sent({one.transfer_id for one in moved if one.transfer_id is not None})
        self._kit_cost: dict[int, Worth] = {}
        self._kit_parts = _parts(moved)
        self._landing, self._lines = _landing()
        batch = {one.pk for one in moved}
        self._owed = {key: set(landed.pieces) & batch for key, landed in self._landing.items()}
        self.landed_now: dict[int, int] = {}

    @property
    def late_variants(self) -> set[int]:
        """Variants whose pieces have landed costs that stock does not know yet."""
        return {landed.variant_id for landed in self._landing.values()}

    def of(self, one: Moved, books: Mapping[int, Book]) -> Worth | None:
        """Return what arriving pieces cost in all; None: nobody says, so they come at the running average."""
        if one.assembly_id is not None:
            return self._of_kit(one, books)
        if one.transfer_id is not None:
            return self._of_transfer(one)
        key = (one.entry_id, one.variant_id)
        if key not in self._prices:
            return None
        price = self._prices[key]
        if price is None:  # bought in money whose rate nobody has written: no cost to rely on
            running = books[one.variant_id].average_cost * one.change
            return Worth(running, running, is_known=False)
        return Worth(price * one.change, price * one.change)

    def undone_by(self, one: Moved) -> Collection[int]:
        """Return the movements that this one takes back."""
        return self._undone.get((one.entry_id, one.variant_id), ())

    def note(self, one: Moved, worth: Worth) -> None:
        """Remember what a movement was worth, for others that follow from it."""
        if one.change > 0:
            return
        if one.transfer_id is not None and one.kind == MovementKind.MOVED_OUT:
            pieces, average, fifo, known = self._sent.get((one.transfer_id, one.variant_id), (0, ZERO, ZERO, True))
            self._sent[one.transfer_id, one.variant_id] = (
                pieces - one.change, average - worth.average, fifo - worth.fifo, known and worth.is_known,
            )  # fmt: skip
        if one.entry_id is not None and one.assembly_id is not None:
            before = self._kit_cost.get(one.entry_id, Worth(ZERO, ZERO))
            self._kit_cost[one.entry_id] = Worth(
                before.average - worth.average, before.fifo - worth.fifo, before.is_known and worth.is_known
            )

    def landed_with(self, one: Moved) -> Landed | None:
        """Return the landed cost of pieces that have all come with this movement, None when there is none."""
        key = (one.entry_id or 0, one.variant_id)
        owed = self._owed.get(key)
        if not owed or one.pk not in owed:
            return None
        owed.discard(one.pk)
        if owed:
            return None
        self.landed_now.update(self._lines[key])
        return self._landing.pop(key)

    def late_landed(self) -> list[Landed]:
        """Return landed costs of pieces that were valued before."""
        valued = set(
            CostEntry.objects.filter(
                movement__in=[pk for landed in self._landing.values() for pk in landed.pieces]
            ).values_list("movement", flat=True)
        )
        late = {key: landed for key, landed in self._landing.items() if set(landed.pieces) <= valued}
        for key in late:
            self.landed_now.update(self._lines[key])
        return list(late.values())

    def _of_transfer(self, one: Moved) -> Worth | None:
        pieces, average, fifo, known = self._sent.get((one.transfer_id, one.variant_id), (0, ZERO, ZERO, False))
        if not pieces:
            return None
        return Worth(average * one.change / pieces, fifo * one.change / pieces, known)

    def _of_kit(self, one: Moved, books: Mapping[int, Book]) -> Worth | None:
        """Return the share of what went in: by what the parts that come out are worth, else by pieces."""
        whole = self._kit_cost.get(one.entry_id or 0)
        parts = self._kit_parts.get(one.entry_id or 0, {})
        if whole is None or not parts:
            return None
        by_value = {pk: pieces * books[pk].average_cost for pk, pieces in parts.items()}
        weights = by_value if all(by_value.values()) else {pk: Decimal(pieces) for pk, pieces in parts.items()}
        # a variant may come out by several movements
        share = weights[one.variant_id] * one.change / parts[one.variant_id] / sum(weights.values())
        return Worth(whole.average * share, whole.fifo * share, whole.is_known)


def _prices(entries: Collection[int]) -> dict[tuple[int | None, int], Decimal | None]:
    """Return what one piece cost by (entry, variant), in the shop's currency; None without a rate."""
    rows = GoodsReceiptLine.objects.filter(receipt__entry__in=entries).values_list(
        "receipt__entry", "order_line__variant", "order_line__unit_price", "receipt__order__currency", "receipt__rate",
        "receipt__received_at",
    )  # fmt: skip
    prices: dict[tuple[int | None, int], Decimal | None] = {}
    for entry_id, variant_id, unit_price, currency, noted, received_at in rows:
        rate = noted or rate_on(currency=currency, day=timezone.localdate(received_at))
        price = None if rate is None else exact_in_shop_currency(unit_price, currency, rate)
        prices[entry_id, variant_id] = price
    return prices


def _undone(entries: Collection[int]) -> dict[tuple[int | None, int], list[int]]:
    """Return the movements of the receipts that these entries undo, by (entry, variant)."""
    receipts = dict(GoodsReceipt.objects.filter(undo_entry__in=entries).values_list("entry", "undo_entry"))
    found: dict[tuple[int | None, int], list[int]] = defaultdict(list)
    rows = StockMovement.objects.filter(entry__in=receipts) if receipts else StockMovement.objects.none()
    for pk, entry_id, variant_id in rows.values_list("pk", "entry", "stock_item__variant"):
        found[receipts[entry_id], variant_id].append(pk)
    return found


def _sent(transfers: Collection[int]) -> dict[tuple[int | None, int], tuple[int, Decimal, Decimal, bool]]:
    """Return (pieces, average, fifo, known) that left with transfers, of what is valued, by (transfer, variant)."""
    if not transfers:
        return {}
    found: dict[tuple[int | None, int], tuple[int, Decimal, Decimal, bool]] = {}
    rows = CostEntry.objects.filter(
        movement__entry__transfer__in=transfers, movement__kind=MovementKind.MOVED_OUT
    ).values_list("movement__entry__transfer", "variant", "quantity", "average_value", "fifo_value", "is_known")
    for transfer_id, variant_id, quantity, average, fifo, known in rows:
        pieces, whole, layers, all_known = found.get((transfer_id, variant_id), (0, ZERO, ZERO, True))
        found[transfer_id, variant_id] = (pieces - quantity, whole - average, layers - fifo, all_known and known)
    return found


def _parts(moved: Sequence[Moved]) -> dict[int, dict[int, int]]:
    """Return the pieces that come out of kits by entry and variant."""
    parts: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for one in moved:
        if one.entry_id is not None and one.assembly_id is not None and one.change > 0:
            parts[one.entry_id][one.variant_id] += one.change
    return parts


def _landing() -> tuple[dict[tuple[int, int], Landed], dict[tuple[int, int], dict[int, int]]]:
    """Return landed costs that stock does not know yet, and their lines (id: landed), by (entry, variant)."""
    rows = (
        GoodsReceiptLine.objects.exclude(landed=F("landed_valued"))
        .filter(receipt__entry__isnull=False)
        .select_related("receipt", "order_line")
        .order_by("pk")
    )
    lines: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    amounts: dict[tuple[int, int], int] = defaultdict(int)
    receipts: dict[int, GoodsReceipt] = {}
    for row in rows:
        key = (row.receipt.entry_id or 0, row.order_line.variant_id)
        lines[key][row.pk] = row.landed
        amounts[key] += row.landed - row.landed_valued
        receipts[key[0]] = row.receipt
    pieces: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    came = StockMovement.objects.filter(entry__in=receipts, on_hand_change__gt=0)
    for pk, entry_id, variant_id, change in came.values_list(
        "pk", "entry", "stock_item__variant", "on_hand_change"
    ):  # fmt: skip
        pieces[entry_id or 0, variant_id][pk] = change
    landing = {
        key: Landed(
            key[1], pieces[key], Decimal(amount), receipts[key[0]].number, receipts[key[0]].undone_at is not None
        )
        for key, amount in amounts.items()
        if pieces.get(key)
    }
    return landing, lines
