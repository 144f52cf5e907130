"""What becomes of the orders: confirmed in the morning, shipped in the afternoon, some cancelled, late or returned."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from backoffice.demo.shopping import Fate, PlannedOrder, days_ago
from backoffice.demo.vocabulary import load

OFFICE = ZoneInfo("Asia/Seoul")  # Osaka keeps the same hours
CONFIRM, CANCEL, RETURN, SHIP = 10, 13, 15, 16  # hours of the working day
TRANSFERS = {"Bank transfer", "무통장입금", "銀行振込"}
FOUND_BY_HAND_DAYS = 12  # older transfers came in as paid


@dataclass(frozen=True, slots=True)
class _Dice:
    rng: random.Random
    now: datetime

    def within(self, share: float) -> bool:
        return self.rng.random() < share


def run_after(moment: datetime, hour: int) -> datetime:
    """Return the next time the office does its work of this hour, Monday to Friday."""
    here = moment.astimezone(OFFICE)
    run = here.replace(hour=hour, minute=0, second=0, microsecond=0)
    while run <= here or run.weekday() > 4:
        run += timedelta(days=1)
    return run


def plan_fates(*, rng: random.Random, orders: Sequence[PlannedOrder], now: datetime) -> None:
    """Decide what becomes of each order until ``now``; every work list gets something true to show."""
    dice = _Dice(rng, now)
    for order in orders:
        order.fate = _fate(order, dice)
        _forget_the_future(order.fate, now)
    _fill_work_lists(orders, now)


def status_of(order: PlannedOrder) -> str:
    """Return the status the order will have at the end."""
    fate = order.fate
    unpaid = order.is_prepaid and fate.paid_at is None
    answers: Sequence[tuple[bool, str]] = (
        (bool(fate.gone_at_source or fate.cancelled_at), "cancelled"),
        (bool(fate.problem), "new"),
        (unpaid, "awaiting_payment"),
        (fate.confirmed_at is None, "to_confirm"),
        (fate.waits, "awaiting_stock"),
        (bool(fate.shipped_at), "shipped"),
        (bool(fate.partly_shipped_at), "partly_shipped"),
    )
    return next((status for is_so, status in answers if is_so), "to_ship")


def _fate(order: PlannedOrder, dice: _Dice) -> Fate:
    rng, reasons = dice.rng, load("shop")["reasons"]
    fate = Fate(paid_at=order.placed_at if order.is_prepaid else None)
    if order.payment_method in TRANSFERS:
        fate.paid_at = order.placed_at + timedelta(hours=rng.uniform(1, 60))
        fate.is_paid_by_hand = days_ago(order, dice.now) < FOUND_BY_HAND_DAYS
        if dice.within(0.07):
            fate.paid_at = None
            over_at = run_after(order.placed_at + timedelta(days=5), CANCEL)
            fate.reason = reasons[f"cancel_{order.country}"][3]
            if fate.is_paid_by_hand:
                fate.cancelled_at = over_at
            else:
                fate.gone_at_source = over_at
            return fate
    if dice.within(0.017):
        reason = rng.choice(reasons[f"cancel_{order.country}"][:3])
        return Fate(gone_at_source=order.placed_at + timedelta(minutes=rng.randrange(5, 120)), reason=reason)
    fate.confirmed_at = run_after((fate.paid_at or order.placed_at) + timedelta(minutes=20), CONFIRM)
    if dice.within(0.008):
        fate.cancelled_at = fate.confirmed_at.replace(hour=CANCEL)
        fate.reason = rng.choice(reasons[f"cancel_{order.country}"][:3])
        return fate
    _send(order, fate, dice)
    return fate


def _send(order: PlannedOrder, fate: Fate, dice: _Dice) -> None:
    rng = dice.rng
    assert fate.confirmed_at is not None  # noqa: S101 for the type checker
    is_late, is_split = dice.within(0.03), dice.within(0.03)
    delay = timedelta(days=rng.randrange(3, 7)) if is_late else timedelta(days=1 if dice.within(0.15) else 0)
    fate.shipped_at = run_after(fate.confirmed_at + delay, SHIP)
    if is_split and len(order.goods) > 1:
        fate.partly_shipped_at = fate.shipped_at
        fate.shipped_at = run_after(fate.shipped_at + timedelta(days=rng.randrange(1, 5)), SHIP)
    if dice.within(0.042):
        fate.returned_at = run_after(fate.shipped_at + timedelta(days=rng.randrange(4, 14)), RETURN)
        fate.reason = rng.choice(load("shop")["reasons"][f"return_{order.country}"])
        fate.is_damaged = dice.within(0.2)
    if not order.is_prepaid:  # the carrier pays over what it collected
        fate.paid_at = fate.shipped_at + timedelta(days=2)


def _forget_the_future(fate: Fate, now: datetime) -> None:
    for one in fields(fate):
        value = getattr(fate, one.name)
        if isinstance(value, datetime) and value > now:
            setattr(fate, one.name, None)
    steps = [fate.confirmed_at, fate.partly_shipped_at or fate.shipped_at, fate.shipped_at, fate.returned_at]
    if any(later and not earlier for earlier, later in pairwise(steps)):
        fate.returned_at = fate.returned_at if fate.shipped_at else None
    if fate.cancelled_at is None and fate.gone_at_source is None and fate.returned_at is None:
        fate.reason = ""


def _fill_work_lists(orders: Sequence[PlannedOrder], now: datetime) -> None:
    """Hold back some of the youngest orders, so that each list has at least a few whatever the hour and weekday."""
    least = max(3, len(orders) // 1000)
    young = list(reversed(orders))
    problems = ("unknown_sku", "no_address", "total")

    def spoil(order: PlannedOrder, place: int) -> None:
        order.fate = Fate(paid_at=order.fate.paid_at, problem=problems[place % 3])

    def unpay(order: PlannedOrder, _place: int) -> None:
        order.fate = Fate(is_paid_by_hand=True)
        order.is_prepaid = True

    def hold(order: PlannedOrder, _place: int) -> None:
        order.fate.confirmed_at = order.fate.shipped_at = order.fate.partly_shipped_at = None

    def keep(order: PlannedOrder, _place: int) -> None:
        order.fate.shipped_at = order.fate.partly_shipped_at = order.fate.returned_at = None
        order.fate.reason = ""

    def call_off(order: PlannedOrder, place: int) -> None:
        reason = load("shop")["reasons"][f"cancel_{order.country}"][place % 3]
        order.fate = Fate(gone_at_source=order.placed_at + timedelta(minutes=40), reason=reason)

    def split(order: PlannedOrder, _place: int) -> None:
        order.fate.partly_shipped_at, order.fate.shipped_at = order.fate.shipped_at, None
        order.fate.returned_at, order.fate.reason = None, ""

    _top_up(young, "new", least + 2, {"to_confirm", "to_ship", "shipped"}, spoil, bool)
    _top_up(young, "awaiting_payment", least, {"to_confirm", "to_ship", "shipped"}, unpay, lambda o: o.is_prepaid)
    _top_up(young, "to_confirm", least * 2, {"to_ship", "shipped"}, hold, lambda o: not o.fate.returned_at)
    old = [order for order in young if 4 < days_ago(order, now) < 12]
    _top_up(old, "to_ship", least, {"shipped"}, keep, bool)  # these are late
    _top_up(young, "to_ship", least * 4, {"shipped"}, keep, bool)
    old = [order for order in young if days_ago(order, now) > 4]
    _top_up(old, "cancelled", 2, {"shipped"}, call_off, lambda o: not o.fate.returned_at)
    _top_up(old, "partly_shipped", least, {"shipped"}, split, lambda o: len(o.goods) > 1)


def _top_up(
    orders: Sequence[PlannedOrder],
    status: str,
    least: int,
    sources: set[str],
    change: Callable[[PlannedOrder, int], None],
    fits: Callable[[PlannedOrder], bool],  # ``bool``: any order
) -> None:
    count = Counter(status_of(order) for order in orders)[status]
    chosen = [order for order in orders if status_of(order) in sources and fits(order)]
    for place, order in enumerate(chosen[: max(0, least - count)]):
        change(order, place)
