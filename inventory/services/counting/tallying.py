"""One count of one line, as it is typed in at the shelf.

How a count is right while sales go on:
1. The stocktake is locked (two counts of one line come one after the other), then the stock item (a sale waits, or
   is in the books already).
2. ``expected`` is what the books say at that moment; what is sold, shipped or received later changes both the shelf
   and the books, so counted - expected stays the difference. Posting applies it.
3. Every count stays as a ``StocktakeCount`` under its own key: sent twice, it counts once.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput
from inventory.models import LineState, Stocktake, StocktakeCount, StocktakeLine, StocktakeState
from inventory.services.counting.books import check_counter, lock_stocktake, read_books
from inventory.services.ledger import lock_items
from staff.models import User

MOST_PIECES = 100_000_000


@transaction.atomic
def count_line(*, line_id: int, counted: int, key: str, actor: User | None = None) -> StocktakeLine:
    """Note how many pieces lie there and return the line; ``key`` is one press of the button.

    Who counts again corrects himself. That never lifts a demanded recount: a difference beyond the tolerance needs
    another person, whatever the first one types afterwards, and nothing tells him so. When two have counted, a
    difference that stays beyond it is looked into. NotAllowed; Conflict when the stocktake is not being counted, the
    line was posted, or the key came with another count; InvalidInput for a number that cannot be.
    """
    check_counter(actor)
    if not key or not 0 <= counted < MOST_PIECES:
        raise InvalidInput(_("A quantity cannot be used. Write how many pieces, as a whole number."))
    stocktake = lock_stocktake(lines=line_id)
    line = stocktake.lines.get(pk=line_id)
    known = StocktakeCount.objects.filter(key=key).first()
    if known is not None:
        if (known.line_id, known.counted, known.counted_by_id) != (line.pk, counted, actor and actor.pk):
            raise Conflict(_("This request was already sent with other content. Reload the page and try again."))
        return line
    if stocktake.state != StocktakeState.COUNTING:
        raise Conflict(_("This stocktake is not being counted any more."))
    if line.entry_id:
        raise Conflict(_("The difference of this line was posted already. Count it in a new stocktake."))
    items = lock_items(pk=line.stock_item_id)
    expected = read_books(items)[line.stock_item_id].expected(line)
    count = StocktakeCount.objects.create(line=line, counted=counted, expected=expected, counted_by=actor, key=key)
    count.refresh_from_db(fields=["at"])
    line.state = _state_after(stocktake, line, count)
    line.counted, line.expected, line.counted_by, line.counted_at = counted, expected, actor, count.at
    line.reason = line.note = ""
    line.save(update_fields=["state", "counted", "expected", "counted_by", "counted_at", "reason", "note"])
    return line


def _state_after(stocktake: Stocktake, line: StocktakeLine, count: StocktakeCount) -> LineState:
    """Return where the line stands after this count; ``line`` is as it was before."""
    if line.state == LineState.RECOUNT and line.counted_by_id == count.counted_by_id:
        return LineState.RECOUNT  # his own correction
    people = set(line.counts.values_list("counted_by_id", flat=True))
    if len(people) < stocktake.blind_counts:
        return LineState.RECOUNT
    if is_tolerable(stocktake, line, count.counted - count.expected):
        return LineState.COUNTED
    return LineState.RECOUNT if len(people) == 1 else LineState.INVESTIGATE


def is_tolerable(stocktake: Stocktake, line: StocktakeLine, difference: int) -> bool:
    """Tell whether a difference is small enough, in pieces and in money, to be believed at once."""
    if abs(difference) > stocktake.tolerance_pieces:
        return False
    value = abs(difference) * (line.unit_cost or 0)
    return stocktake.tolerance_value is None or value <= stocktake.tolerance_value
