"""“Available on date”: what there is now, what comes when, and until when those who wait are served."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from inventory.models import StockItem
from inventory.outlook import Arrival, Waiting, arrivals_of, waiting_for
from inventory.selectors.shelves import shop_day
from inventory.selectors.stock import availability_of


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What could be promised from ``day`` on, and what arrives on it."""

    day: date
    available: int
    arrivals: Sequence[Arrival] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is foreseen of one variant; negative: so many pieces are still owed on that day."""

    variant_id: int
    steps: list[Foreseen]  # today first, then each day on which something arrives
    undated: list[Arrival] = field(default_factory=list)  # nobody knows when, or the day is over: not counted
    waiting: list[Waiting] = field(default_factory=list)

    @property
    def waiting_count(self) -> int:
        """Pieces that were sold and are not reserved yet."""
        return sum(one.quantity for one in self.waiting)

    def on(self, day: date) -> int:
        """Return what could be promised on this day."""
        return [step.available for step in self.steps if step.day <= day or step is self.steps[0]][-1]

    def covered_on(self, pieces: int) -> date | None:
        """Return the first day on which so many pieces have been there since today; None: nobody knows."""
        owed = self.waiting_count
        return next((step.day for step in self.steps if step.available + owed >= pieces), None)


def available_on(*, variant_ids: Collection[int], today: date | None = None) -> dict[int, Outlook]:
    """Return the outlook of each variant over the active warehouses: available + arrivals until then - waiting.

    Pieces in transit between our warehouses count as arrivals: at the sender they are on hand no more. A constant
    number of statements.
    """
    first = today or shop_day()
    there = availability_of(variant_ids=variant_ids)
    arrivals = arrivals_of(variant_ids=variant_ids)
    waiting = waiting_for(variant_ids=variant_ids)
    found = {}
    for pk in variant_ids:
        owed = waiting.get(pk, [])
        start = there[pk].available - sum(one.quantity for one in owed)
        rows = arrivals.get(pk, [])
        found[pk] = Outlook(
            variant_id=pk,
            steps=_steps(start, first, [row for row in rows if row.expected_on and row.expected_on >= first]),
            undated=[row for row in rows if row.expected_on is None or row.expected_on < first],
            waiting=owed,
        )
    return found


def _steps(start: int, today: date, rows: Sequence[Arrival]) -> list[Foreseen]:
    """Return today and each later day with its arrivals; ``rows`` are dated and in order."""
    by_day: dict[date, list[Arrival]] = {today: []}
    for row in rows:
        if row.expected_on is not None:
            by_day.setdefault(row.expected_on, []).append(row)
    steps = []
    for day, arriving in by_day.items():
        start += sum(row.quantity for row in arriving)
        steps.append(Foreseen(day, start, tuple(arriving)))
    return steps


def on_the_way_to(*, items: Collection[StockItem]) -> dict[int, tuple[int, int]]:
    """Return stock item id -> (incoming pieces, those in transit between our warehouses) for many items at once."""
    place = {(item.variant_id, item.warehouse_id): item.pk for item in items}
    found = {pk: [0, 0] for pk in place.values()}
    for rows in arrivals_of(variant_ids={variant for variant, _warehouse in place}).values():
        for row in rows:
            if pk := place.get((row.variant_id, row.warehouse_id)):
                found[pk][row.is_transfer] += row.quantity
    return {pk: (incoming, in_transit) for pk, (incoming, in_transit) in found.items()}


def promised_days(*, variant_ids: Collection[int], today: date | None = None) -> dict[tuple[int, str], date | None]:
    """Return (variant, document) -> the day on which what it waits for is there, if who waited longer comes first.

    None: what is foreseen does not cover it.
    """
    found: dict[tuple[int, str], date | None] = {}
    for pk, outlook in available_on(variant_ids=variant_ids, today=today).items():
        needed = 0
        for one in outlook.waiting:
            needed += one.quantity
            day = outlook.covered_on(needed)
            before = found.get((pk, one.reference), outlook.steps[0].day)
            found[pk, one.reference] = None if day is None or before is None else max(day, before)
    return found
