"""Serial numbers and lots of the pieces that a parcel takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from inventory.selectors import numbered_variants
from inventory.services import Portion
from orders.services.holdings import Held

Serials = Mapping[int, Sequence[str]]  # line id: numbers


@dataclass(frozen=True, slots=True)
class ChosenLots:
    """The lots that somebody chose (line id: lot id), and why not the first to expire."""

    by_line: Mapping[int, int] = field(default_factory=dict)
    reason: str = ""


def numbered_pieces(held: Mapping[int, Sequence[Held]]) -> set[int]:
    """Return the reservations whose pieces are numbered."""
    rows = {
        row.pk: row.stock_item.variant_id
        for all_of in held.values()
        for one in all_of
        for row in one.pieces.reservations
    }
    numbered = numbered_variants(variant_ids=set(rows.values()))
    return {pk for pk, variant_id in rows.items() if variant_id in numbered}


def numbers_given(drawn: Sequence[Held], serials: Serials, numbered: set[int]) -> bool:
    """Tell whether each line names as many numbers as it takes numbered pieces; which ones, inventory judges."""
    wanted: dict[int, int] = {}
    for held in drawn:
        pieces = sum(portion.quantity or 0 for portion in held.portions if portion.reservation_id in numbered)
        wanted[held.line_id] = wanted.get(held.line_id, 0) + pieces
    return all(len(serials.get(line_id, ())) == pieces for line_id, pieces in wanted.items())


def portions_of(drawn: Sequence[Held], serials: Serials, numbered: set[int]) -> list[Portion]:
    """Return what to ship of which reservation, each line's numbers dealt out in their order."""
    left = {line_id: list(numbers) for line_id, numbers in serials.items()}
    portions = []
    for held in drawn:
        for portion in held.portions:
            if portion.reservation_id in numbered and (numbers := left.get(held.line_id)):
                own, left[held.line_id] = numbers[: portion.quantity], numbers[portion.quantity :]
                portions.append(replace(portion, serials=tuple(own)))
            else:
                portions.append(portion)
    return portions


def of_lots(portions: Sequence[Portion], drawn: Iterable[Sequence[Held] | None], lots: ChosenLots) -> list[Portion]:
    """Return the portions with the lot that was chosen for their line, where that is no bundle."""
    wanted = {
        row.pk: lots.by_line[held.line_id]
        for all_of in drawn
        for held in all_of or ()
        if held.line_id in lots.by_line and len(held.pieces.recipe) == 1
        for row in held.pieces.reservations
    }
    return [
        replace(portion, lot_id=wanted[portion.reservation_id], lot_reason=lots.reason)
        if portion.reservation_id in wanted
        else portion
        for portion in portions
    ]
