"""How the prices of one variant on one channel follow one another: pure arithmetic on periods, nothing is written.

Periods never overlap and are kept in order. A price without an end holds until the next one that is planned; one with
an end lies in the middle, and the price before goes on afterwards. What has begun is history and stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from core.display import moment_text
from core.errors import Conflict, InvalidInput

MOST = 10**15  # minor units; as core.money reads amounts
CLOCKS_DIFFER = timedelta(minutes=5)  # as the database's rule about the past


@dataclass(frozen=True, slots=True)
class Values:
    """What one piece is sold for, compared with, recommended for and bought for; minor units of one currency."""

    amount: int
    compare_at: int | None = None
    list_price: int | None = None
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Values from a moment until another (None: on). ``price_id`` None: not written yet."""

    values: Values
    starts_at: datetime
    ends_at: datetime | None
    price_id: int | None = None
    recorded_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Tell whether the price is asked at this moment."""
        return self.starts_at <= at and (self.ends_at is None or self.ends_at > at)


Periods = list[Period]


def check_values(values: Values) -> None:
    """Raise InvalidInput for numbers that no price can have."""
    if values.amount < 0:
        raise InvalidInput(_("A price cannot be negative."))
    if any(value is not None and value < 0 for value in (values.list_price, values.cost)):
        raise InvalidInput(_("List price and cost cannot be negative."))
    if values.compare_at is not None and values.compare_at <= values.amount:
        raise InvalidInput(_("The price before must be higher than the price."))
    if max(values.amount, values.compare_at or 0, values.list_price or 0, values.cost or 0) > MOST:
        raise InvalidInput(_("The price is too large."))


def check_period(start: datetime, end: datetime | None) -> None:
    """Raise InvalidInput for an end that does not come after the start."""
    if end is not None and end <= start:
        raise InvalidInput(_("The period must end after it starts."))


def holding(periods: Sequence[Period], at: datetime) -> Period | None:
    """Return the period that holds at a moment."""
    return next((period for period in periods if period.holds(at)), None)


def put(
    periods: Sequence[Period],
    values: Values,
    start: datetime,
    end: datetime | None,
    *,
    now: datetime,
    shown: bool = False,
) -> tuple[Periods, Period]:
    """Return the periods with ``values`` from ``start`` until ``end``, and the new (or unchanged) one.

    1. A price without an end holds until the next one begins; planned prices keep their start.
    2. A price with an end interrupts: what held goes on from ``end`` as far as it would have.
    3. A planned price that begins at ``start`` is changed; one that has begun is replaced from now on only.
    4. What is asked already is not asked again: price and end stay, since files repeat prices without their end.

    Conflict when another price begins within the period, when one has begun at ``start``, and, for a product that
    customers see (``shown``), when they were asked another price then. InvalidInput as ``check_values`` says.
    """
    check_values(values)
    check_period(start, end)
    held = holding(periods, start)
    following = [period for period in periods if period.starts_at > start]
    if held is not None and held.values == values and (end is None or held.ends_at is None or held.ends_at >= end):
        return list(periods), held
    if held is not None and held.starts_at == start and start <= now:
        raise Conflict(_("Another price starts at the same moment."))
    if end is not None and following and following[0].starts_at < end:
        raise _begins_within(following[0])
    until = end or _until(held, following, start)
    _check_past(periods, start, until, now=now, shown=shown)
    kept = [period for period in periods if period is not held]
    new = Period(values, start, until, price_id=held.price_id if held and held.starts_at == start else None)
    if held is not None and held.starts_at < start:
        kept.append(replace(held, ends_at=start))
    if held is not None and end is not None and (held.ends_at is None or held.ends_at > end):
        kept.append(Period(held.values, end, held.ends_at))
    return _ordered([*kept, new]), new


def _until(held: Period | None, following: Sequence[Period], start: datetime) -> datetime | None:
    if held is not None and held.starts_at == start:
        return held.ends_at  # a planned price is changed, its end stays
    return following[0].starts_at if following else None


def _check_past(
    periods: Sequence[Period], start: datetime, until: datetime | None, *, now: datetime, shown: bool
) -> None:
    if not shown or start >= now - CLOCKS_DIFFER:
        return
    last = min(until, now) if until else now
    if any(p.starts_at < last and (p.ends_at is None or p.ends_at > start) for p in periods):
        raise Conflict(_("Customers were asked another price then. A price can begin now at the earliest."))


def take_back(periods: Sequence[Period], price_id: int, *, now: datetime) -> Periods:
    """Return the periods without a planned price; the one before it goes on until the next.

    Conflict when the price has begun or is gone.
    """
    gone = _find(periods, price_id)
    if gone.starts_at <= now:
        raise Conflict(_("This price has begun. End it, or set another one from now on."))
    rest = [period for period in periods if period is not gone]
    before = next((period for period in rest if period.ends_at == gone.starts_at), None)
    if before is None:
        return rest
    rest.remove(before)
    return joined(rest, replace(before, ends_at=gone.ends_at), now=now)


def move_end(periods: Sequence[Period], price_id: int, *, end: datetime, now: datetime) -> Periods:
    """Return the periods with a running or planned price ended at ``end``, earlier or later than it would.

    From then on the price before it holds again, as far as the next one; without a price before, none holds. Conflict
    when the price is over or another one would begin within; InvalidInput for an end before now or before its start.
    """
    ending = _find(periods, price_id)
    check_period(ending.starts_at, end)
    if ending.ends_at is not None and ending.ends_at <= now:
        raise Conflict(_("This price is over: its end stays as it was."))
    if end < now:
        raise InvalidInput(_("The end lies in the past."))
    before = next((period for period in periods if period.ends_at == ending.starts_at), None)
    rest = [period for period in periods if period is not ending]
    if ending.ends_at is None or end <= ending.ends_at:
        kept = [*rest, replace(ending, ends_at=end)]
        if before is None or end == ending.ends_at:
            return _ordered(kept)
        return joined(kept, Period(before.values, end, ending.ends_at), now=now)
    after = next((period for period in rest if period.starts_at == ending.ends_at), None)
    if after and before and after.values == before.values and (after.ends_at is None or after.ends_at > end):
        rest = [replace(after, starts_at=end) if period is after else period for period in rest]
    if found := next((p for p in rest if ending.starts_at < p.starts_at < end), None):
        raise _begins_within(found)
    return _ordered([*rest, replace(ending, ends_at=end)])


def _begins_within(other: Period) -> Conflict:
    return Conflict(
        _("Another price begins at %(moment)s, within this period. End before it, or take that one back first.")
        % {"moment": moment_text(other.starts_at)}
    )


def joined(rest: Sequence[Period], period: Period, *, now: datetime) -> Periods:
    """Return ``rest`` in order with ``period``, which swallows a planned one that follows with the same values."""
    after = next((p for p in rest if p.starts_at == period.ends_at and p.starts_at > now), None)
    if after is None or after.values != period.values:
        return _ordered([*rest, period])
    others = [p for p in rest if p is not after]
    return _ordered([*others, replace(period, ends_at=after.ends_at)])


def _find(periods: Sequence[Period], price_id: int) -> Period:
    found = next((period for period in periods if period.price_id == price_id), None)
    if found is None:
        raise Conflict(_("This price was changed or taken back in the meantime. Reload the page."))
    return found


def _ordered(periods: Sequence[Period]) -> Periods:
    return sorted(periods, key=lambda period: period.starts_at)
