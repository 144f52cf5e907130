"""Differences become stock: what the sales left of it, and nothing that is promised.

How posting is right beside sales:
1. The stocktake is locked, then its stock items by primary key.
2. Each difference was true at its count; what moved since moved the books and the shelf alike, so the difference is
   applied to what the books say now.
3. A line is refused, alone, when its pieces are reserved or held, lie elsewhere by now, or were counted otherwise
   since; the others post. More found comes before less, so pieces that only lay in another bin cancel out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.events import record
from core.sequences import document_number, next_numbers
from inventory.events import StockEntryPosted
from inventory.models import (
    STOCKTAKE_TRANSITIONS,
    EntryKind,
    LineState,
    MovementKind,
    StockEntry,
    StockMovement,
    Stocktake,
    StocktakeLine,
    StocktakeState,
)
from inventory.services.counting.books import Book, lock_stocktake, move, read_books
from inventory.services.counting.judging import check_approver
from inventory.services.entries import SERIES
from inventory.services.ledger import lock_items, write
from inventory.services.pieces.shelving import ShelfRow, apply_shelves, shelves_for
from staff.models import User

_POST = """
change AS (
    SELECT seq, stock_item_id, 'counted' AS kind, on_hand_change, 0 AS reserved_change,
           0 AS held_change, NULL::bigint AS reservation_id, %(entry)s::bigint AS entry_id, NULL::bigint AS hold_id
    FROM unnest(%(items)s::bigint[], %(changes)s::int[]) WITH ORDINALITY AS t(stock_item_id, on_hand_change, seq)
)
"""


@dataclass(slots=True)
class PostOutcome:
    """What became of the differences: the entry, the lines it holds, and (line, what to do) of those refused."""

    stocktake: Stocktake
    entry: StockEntry | None = None
    posted: list[StocktakeLine] = field(default_factory=list)
    refused: list[tuple[StocktakeLine, str]] = field(default_factory=list)


@transaction.atomic
def post_stocktake(*, stocktake_id: int, actor: User | None = None) -> PostOutcome:
    """Apply the differences of an approved stocktake by one stock entry and return what became of each.

    With refused lines it stays approved: they are posted by the next press, counted again or left out. NotAllowed for
    who planned it or counted in it; InvalidTransition when it is not approved.
    """
    stocktake = lock_stocktake(pk=stocktake_id)
    check_approver(actor, stocktake)
    STOCKTAKE_TRANSITIONS.check(StocktakeState(stocktake.state), StocktakeState.POSTED)
    outcome = PostOutcome(stocktake)
    lines = lines_to_post(stocktake)
    items = lock_items(pk__in={line.stock_item_id for line in lines})
    _sort(outcome, lines, read_books(items))
    if outcome.posted:
        outcome.entry = _write(outcome, actor)
    if not outcome.refused:
        stocktake.posted_at = timezone.now()
        stocktake.save(update_fields=["posted_at"])
        move(stocktake, StocktakeState.POSTED, actor=actor, lines=len(outcome.posted))
    return outcome


def obstacles(stocktake: Stocktake) -> list[tuple[StocktakeLine, str]]:
    """Return the lines that posting would refuse now, with what to do; nothing is locked or changed."""
    lines = lines_to_post(stocktake)
    outcome = PostOutcome(stocktake)
    _sort(outcome, lines, read_books(list({line.stock_item_id: line.stock_item for line in lines}.values())))
    return outcome.refused


def lines_to_post(stocktake: Stocktake) -> list[StocktakeLine]:
    """Return the lines whose difference is not in the books yet, by what they change: more found first."""
    decided = Q(state__in=[LineState.COUNTED, LineState.ACCEPTED], entry=None)
    rows = stocktake.lines.filter(decided).select_related("stock_item__variant", "lot", "bin").order_by("pk")
    return sorted((line for line in rows if line.difference), key=lambda line: -(line.difference or 0))


def _sort(outcome: PostOutcome, lines: Sequence[StocktakeLine], books: Mapping[int, Book]) -> None:
    since = _counted_since(outcome.stocktake, books)
    for line in lines:
        book = books[line.stock_item_id]
        why = _refusal(line, book, since.get(line.stock_item_id))
        if why:
            outcome.refused.append((line, why))
            continue
        book.add(line, line.difference or 0)
        outcome.posted.append(line)


def _counted_since(stocktake: Stocktake, stock_item_ids: Iterable[int]) -> dict[int, datetime]:
    """Return stock item -> when something else than this stocktake last set its number by a count."""
    counts = StockMovement.objects.filter(stock_item__in=list(stock_item_ids), kind=MovementKind.COUNTED)
    others = counts.exclude(entry__stocktake=stocktake).order_by()
    return dict(others.values_list("stock_item_id").annotate(at=Max("at")))


def _refusal(line: StocktakeLine, book: Book, counted_since: datetime | None) -> str:
    """Return why this difference cannot be posted now and what to do, an empty text when it can."""
    change, sku = line.difference or 0, line.stock_item.variant.sku
    if counted_since and line.counted_at and counted_since > line.counted_at:
        return _("%(sku)s was counted by another document since. Count it again.") % {"sku": sku}
    if change < 0 and book.free + change < 0:
        words = {"sku": sku, "missing": -change, "free": max(book.free, 0), "more": -(book.free + change)}
        return (
            _(
                "%(sku)s: %(missing)d are missing, but only %(free)d are neither reserved nor held. Release %(more)d "
                "of them from orders or holds, or count again."
            )
            % words
        )
    if change < 0 and book.expected(line) + change < book.kept(line):
        return _(
            "%(sku)s: the pieces were moved from this place since, or are held there. Free them, or count it again."
        ) % {"sku": sku}
    if book.has_serials:
        return _("%(sku)s: every piece has a serial number. Adjust it by its numbers, and leave this line out.") % {
            "sku": sku
        }
    return ""


def _write(outcome: PostOutcome, actor: User | None) -> StockEntry:
    """Write the entry, counters, movements and shelves of the posted lines."""
    [number] = next_numbers(series=SERIES)
    lines = outcome.posted
    entry = StockEntry.objects.create(
        number=document_number("E", number), kind=EntryKind.COUNT, stocktake=outcome.stocktake,
        reference=outcome.stocktake.number, created_by=actor,
    )  # fmt: skip
    parameters: dict[str, Any] = {
        "entry": entry.pk,
        "items": [line.stock_item_id for line in lines],
        "changes": [line.difference for line in lines],
    }
    write(_POST, parameters, actor=actor)
    _write_shelves(lines, entry, actor)
    StocktakeLine.objects.filter(pk__in=[line.pk for line in lines]).update(entry=entry)
    items = {line.stock_item_id for line in lines}
    fact = StockEntryPosted(entry_id=entry.pk, kind=EntryKind.COUNT, item_count=len(items))
    record(fact, subject=entry, actor=actor)
    return entry


def _write_shelves(lines: Sequence[StocktakeLine], entry: StockEntry, actor: User | None) -> None:
    """Let the counted shelves follow, each by the movement of its line: one for each line, in their order."""
    movements = entry.movements.order_by("pk").values_list("pk", flat=True)
    placed = [
        ((line.stock_item_id, line.lot_id, line.bin_id), line.difference or 0, movement)
        for line, movement in zip(lines, movements, strict=True)
        if line.lot_id is not None or line.bin_id is not None
    ]
    shelves = shelves_for([place for place, _change, _movement in placed])
    apply_shelves([ShelfRow(shelves[place], change, movement) for place, change, movement in placed], actor)
