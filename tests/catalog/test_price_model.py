"""Whatever is set, ended, taken back and approved, in any order: prices follow a simple model and never overlap."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from catalog.models import Price, PriceProposal
from catalog.selectors import prices_at
from catalog.services import (
    PriceRow,
    PriceState,
    approve_prices,
    cancel_price,
    end_price,
    refuse_prices,
    set_prices,
)
from core.errors import DomainError
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS = 30
FLOOR, COST = 20, 400

amounts = st.sampled_from([300, 450, 600, 700, 800])
steps = st.one_of(
    st.tuples(st.just("set"), amounts, st.integers(0, DAYS - 1), st.none() | st.integers(1, DAYS)),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    st.tuples(st.just("end"), st.integers(0, 9)),
    st.tuples(st.just("approve")),
    st.tuples(st.just("refuse")),
    st.tuples(st.just("wait"), st.integers(1, 4)),
)


class Calendar:
    """What is asked on each day, the starts of what was planned, and what waits: dull and plain."""

    def __init__(self):
        self.asked = [None] * (DAYS + 1)
        self.starts = {}  # day -> day of the end (None: open)

    def rows(self):
        return sorted(self.starts)

    def take(self):
        """Read the calendar from what the database says now: the steps are judged one by one."""
        prices = list(Price.objects.order_by("starts_at"))
        self.asked = [
            next((p.amount for p in prices if p.starts_at <= at(d) and (p.ends_at is None or p.ends_at > at(d))), None)
            for d in range(DAYS + 1)
        ]
        self.starts = {round((p.starts_at - START) / DAY): p for p in prices}


def at(day):
    return START + day * DAY


def expected_after_set(before, amount, start, end, now):
    """Return the days after a price that is accepted, or None where it has to be refused."""
    first = start
    if end is not None and end <= first:
        return None
    later = [d for d in before.starts if d > first]
    held = before.asked[first] if first <= DAYS else None
    if end is None and held == amount:
        return before.asked  # the same again without an end: the end stays
    if end is not None and any(d < end for d in later):
        same = held == amount
        return before.asked if same and covers(before, first, end) else None
    if first in before.starts and first <= now and before.asked[first] != amount:
        return None
    last = end if end is not None else own_end(before, first, later)
    return [amount if first <= d < last else value for d, value in enumerate(before.asked)]


def covers(before, first, end):
    held = next(
        p for p in before.starts.values() if p.starts_at <= at(first) and (p.ends_at is None or p.ends_at > at(first))
    )
    return held.ends_at is None or held.ends_at >= at(end)


def own_end(before, first, later):
    if first in before.starts and before.starts[first].ends_at is not None:
        return round((before.starts[first].ends_at - START) / DAY)
    return min(later, default=DAYS + 1)


def check(variant, channel, expected):
    for day in range(DAYS + 1):
        held = prices_at(variant_ids=[variant.pk], sales_channel_id=channel.pk, at=at(day)).get(variant.pk)
        assert (held.amount if held else None) == expected[day], f"day {day}"
    rows = list(Price.objects.order_by("starts_at"))
    for one, other in itertools.pairwise(rows):
        assert one.ends_at is not None
        assert one.ends_at <= other.starts_at
    assert PriceProposal.objects.filter(state="waiting").count() <= 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(steps, min_size=3, max_size=12))
@example(plan=[("wait", 5), ("set", 800, 5, 29), ("wait", 1), ("set", 800, 0, None)])
def test_prices_follow_the_model(plan):
    with transaction.atomic(), time_machine.travel(START, tick=False) as clock:
        setter, approver = (make_user(permissions=[f"catalog.{name}"]) for name in ("change_price", "approve_price"))
        channel, variant = make_channel(margin_floor=FLOOR), make_variant()
        calendar, today = Calendar(), 0
        for step in plan:
            calendar.take()
            expected = list(calendar.asked)
            if step[0] == "wait":
                today = min(today + step[1], DAYS - 1)
                clock.move_to(at(today))
            elif step[0] == "set":
                expected = set_one(calendar, variant, channel, step, today, setter)
            elif step[0] == "approve":
                expected = approve_one(calendar, today, approver)
            elif step[0] == "refuse":
                refuse_prices(
                    proposal_ids=PriceProposal.objects.filter(state="waiting").values_list("pk", flat=True),
                    note="no",
                    actor=approver,
                )
            else:
                expected = take_or_end(calendar, step, today, setter)
            check(variant, channel, expected)
        transaction.set_rollback(True)


def set_one(calendar, variant, channel, step, today, setter):
    _name, amount, start, end = step
    start = max(start, today)
    row = PriceRow(
        variant_id=variant.pk,
        sales_channel_id=channel.pk,
        amount=amount,
        cost=COST,
        starts_at=at(start),
        ends_at=None if end is None else at(end),
    )
    (outcome,) = set_prices(rows=[row], actor=setter)
    wanted = expected_after_set(calendar, amount, start, end, today)
    if outcome.state == PriceState.REFUSED:
        assert wanted is None
        return calendar.asked
    assert wanted is not None
    if outcome.state == PriceState.WAITING:
        assert (amount - COST) * 100 < FLOOR * amount
        return calendar.asked
    if outcome.state == PriceState.SET and calendar.asked[start] != amount:
        assert (amount - COST) * 100 >= FLOOR * amount
    return wanted


def approve_one(calendar, today, approver):
    waiting = PriceProposal.objects.filter(state="waiting").first()
    done, refused = approve_prices(proposal_ids=[waiting.pk] if waiting else [], actor=approver)
    if waiting is None or not done:
        assert bool(refused) == (waiting is not None)
        return calendar.asked
    start = max(round((waiting.starts_at - START) / DAY), today)
    end = None if waiting.ends_at is None else round((waiting.ends_at - START) / DAY)
    return expected_after_set(calendar, waiting.amount, start, end, today)


def take_or_end(calendar, step, today, setter):
    name, number = step
    rows = calendar.rows()
    if not rows:
        return calendar.asked
    start = rows[number % len(rows)]
    price = calendar.starts[start]
    before = next((p for p in calendar.starts.values() if p.ends_at == price.starts_at), None)
    amount = before.amount if before else None
    last = DAYS + 1 if price.ends_at is None else round((price.ends_at - START) / DAY)
    service = cancel_price if name == "cancel" else end_price
    try:
        with transaction.atomic():
            service(price_id=price.pk, actor=setter)
    except DomainError:
        is_open = start < today < last if name == "end" else start > today
        assert not is_open
        return calendar.asked
    first = start if name == "cancel" else today
    return [amount if first <= d < last else value for d, value in enumerate(calendar.asked)]
