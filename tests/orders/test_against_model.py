"""Orders and stock against a simple model of them, through random sequences of everything people do."""

import contextlib
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.errors import DomainError
from core.models import EventRecord
from inventory.models import EntryKind, StockItem
from inventory.services import EntryLine, post_entry
from orders.models import Order, OrderLine, Parcel, ReturnCondition
from orders.services import (
    allocate_waiting_orders,
    cancel_order,
    combine_orders,
    confirm_orders,
    divide_order,
    hold_orders,
    record_payment,
    record_refund,
    record_return,
    release_orders,
    ship_order,
    ship_orders,
    ship_parcel,
)
from tests.factories import make_order, make_stock, make_variant, make_warehouse
from tests.orders.stories import assert_sound

ITEMS = 3
a_line = st.tuples(st.integers(0, ITEMS - 1), st.integers(1, 4))  # item, pieces
which = st.integers(0, 30)


@dataclass
class Line:
    """The model of an order line."""

    item: int
    quantity: int
    shipped: int = 0
    cancelled: int = 0
    returned: int = 0

    @property
    def open(self) -> int:
        return self.quantity - self.shipped - self.cancelled


@dataclass
class Purchase:
    """The model of an order."""

    pk: int
    lines: list[Line]
    line_ids: list[int]
    status: str = "to_confirm"
    paid: int = 0
    held: bool = False

    @property
    def is_open(self) -> bool:
        return self.status not in {"shipped", "cancelled"}

    @property
    def can_leave(self) -> bool:
        return self.status in {"to_ship", "partly_shipped"} and not self.held

    @property
    def total(self) -> int:
        return sum(line.quantity * 1000 for line in self.lines)


@dataclass
class Shelf:
    """The model of a stock item."""

    on_hand: int
    reserved: int = 0


@dataclass
class World:
    """All of the model."""

    shelves: list[Shelf] = field(default_factory=list)
    orders: list[Purchase] = field(default_factory=list)

    def reserve(self, order: Purchase) -> bool:
        """Hold all pieces of the order or none."""
        wanted = [0] * ITEMS
        for line in order.lines:
            wanted[line.item] += line.open
        if any(shelf.on_hand - shelf.reserved < n for shelf, n in zip(self.shelves, wanted, strict=True)):
            return False
        for shelf, n in zip(self.shelves, wanted, strict=True):
            shelf.reserved += n
        return True


class Shop(RuleBasedStateMachine):
    """Each rule does the same to the model and through the services, refusals included."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.world = World()

    def teardown(self) -> None:
        try:
            assert_sound()
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    @initialize(
        stock=st.lists(st.integers(2, 12), min_size=ITEMS, max_size=ITEMS),
        orders=st.lists(st.lists(a_line, min_size=1, max_size=3), min_size=6, max_size=9),
        confirmed=st.integers(3, 9),
    )
    def open_shop(self, stock: list[int], orders: list[list[tuple[int, int]]], confirmed: int) -> None:
        warehouse = make_warehouse()
        self.variants = [make_variant() for _ in stock]
        self.items = [
            make_stock(variant, on_hand=n, warehouse=warehouse).pk
            for variant, n in zip(self.variants, stock, strict=True)
        ]
        self.warehouse = warehouse
        self.world.shelves = [Shelf(n) for n in stock]
        for lines in orders:
            self.place(lines)
        self.confirm(list(range(min(confirmed, len(orders)))))

    def attempt(self, expected: bool, call: Any) -> None:
        """Call a service; it must be refused exactly when the model refuses, and then record nothing."""
        before = EventRecord.objects.count()
        try:
            with transaction.atomic():
                call()
        except DomainError:
            assert not expected, "refused what the model allows"
            assert EventRecord.objects.count() == before
        else:
            assert expected, "did what the model refuses"

    def pick(self, n: int) -> Purchase:
        return self.world.orders[n % len(self.world.orders)]

    def entry(self, item: int, quantity: int) -> list[EntryLine]:
        return [EntryLine(variant_id=self.variants[item].pk, warehouse_id=self.warehouse.pk, quantity=quantity)]

    @rule(lines=st.lists(a_line, min_size=1, max_size=3))
    def place(self, lines: list[tuple[int, int]]) -> None:
        order = make_order(*[(self.variants[item], n) for item, n in lines])
        ids = list(order.lines.order_by("position").values_list("pk", flat=True))
        self.world.orders.append(Purchase(order.pk, [Line(item, n) for item, n in lines], ids))

    @rule(numbers=st.lists(which, min_size=1, max_size=4, unique=True))
    def confirm(self, numbers: list[int]) -> None:
        chosen = list({self.pick(n).pk: self.pick(n) for n in numbers}.values())
        done, waiting, refused = [], [], []
        for order in chosen:
            if order.status != "to_confirm" or order.held:
                refused.append(order.pk)
            elif self.world.reserve(order):
                order.status = "to_ship"
                done.append(order.pk)
            else:
                order.status = "awaiting_stock"
                waiting.append(order.pk)
        report = confirm_orders(order_ids=[order.pk for order in chosen])
        assert report.done == done
        assert list(report.waiting) == waiting
        assert sorted(refusal.order_id for refusal in report.refused) == sorted(refused)

    @rule()
    def allocate(self) -> None:
        served = []
        for order in self.world.orders:
            if order.status == "awaiting_stock" and not order.held and self.world.reserve(order):
                order.status = "to_ship"
                served.append(order.pk)
        assert allocate_waiting_orders().done == served

    @rule(numbers=st.lists(which, min_size=1, max_size=3, unique=True))
    def ship_whole(self, numbers: list[int]) -> None:
        chosen = list({self.pick(n).pk: self.pick(n) for n in numbers}.values())
        done = [order for order in chosen if order.can_leave]
        for order in done:
            for line in order.lines:
                self.send(line, line.open)
            order.status = "shipped"
        report = ship_orders(order_ids=[order.pk for order in chosen])
        assert sorted(report.done) == sorted(order.pk for order in done)

    @rule(n=which, counts=st.lists(st.integers(0, 2), min_size=3, max_size=3))
    def ship_some(self, n: int, counts: list[int]) -> None:
        order = self.pick(n)
        wanted = dict(zip(order.line_ids, counts, strict=False))
        fits = all(c <= line.open for line, c in zip(order.lines, counts, strict=False)) and any(wanted.values())
        allowed = order.can_leave and fits
        self.attempt(allowed, lambda: ship_order(order_id=order.pk, quantities=wanted))
        if allowed:
            for line, count in zip(order.lines, counts, strict=False):
                self.send(line, count)
            order.status = "partly_shipped" if any(line.open for line in order.lines) else "shipped"

    def send(self, line: Line, count: int) -> None:
        line.shipped += count
        self.world.shelves[line.item].on_hand -= count
        self.world.shelves[line.item].reserved -= count

    @rule(n=which, restock=st.booleans())
    def cancel(self, n: int, restock: bool) -> None:
        order = self.pick(n)
        allowed = order.is_open
        self.attempt(allowed, lambda: cancel_order(order_id=order.pk, reason="model", restock=restock))
        if not allowed:
            return
        for line in order.lines:
            if order.status in {"to_ship", "partly_shipped"}:
                shelf = self.world.shelves[line.item]
                shelf.reserved -= line.open
                shelf.on_hand -= 0 if restock else line.open
            line.cancelled += line.open
        order.held = False
        order.status = "shipped" if order.status == "partly_shipped" else "cancelled"

    @rule(n=which)
    def hold(self, n: int) -> None:
        order = self.pick(n)
        report = hold_orders(order_ids=[order.pk], reason="address", takes_stock=False)
        assert report.done == ([order.pk] if order.is_open and not order.held else [])
        order.held |= order.is_open

    @rule(n=which)
    def release(self, n: int) -> None:
        order = self.pick(n)
        report = release_orders(order_ids=[order.pk])
        assert report.done == ([order.pk] if order.held else [])
        order.held = False

    @rule(n=which, counts=st.lists(st.integers(0, 2), min_size=3, max_size=3))
    def divide(self, n: int, counts: list[int]) -> None:
        """What is planned moves nothing: stock and orders stay as they are, whether it is refused or not."""
        wanted = {pk: count for pk, count in zip(self.pick(n).line_ids, counts, strict=False) if count}
        self.plan(lambda: divide_order(order_id=self.pick(n).pk, reason="hand", parcels=[wanted]))

    @rule(numbers=st.lists(which, min_size=2, max_size=3, unique=True))
    def combine(self, numbers: list[int]) -> None:
        """Orders to one door go into one parcel, which moves nothing either."""
        self.plan(lambda: combine_orders(order_ids=[self.pick(n).pk for n in numbers]))

    def plan(self, call: Any) -> None:
        with contextlib.suppress(DomainError), transaction.atomic():
            call()

    @rule()
    def ship_planned(self) -> None:
        """A planned parcel leaves whole, or not at all where one of its orders is held."""
        parcel = Parcel.objects.filter(state="planned").order_by("pk").first()
        if parcel is None:
            return
        inside = dict(parcel.pieces.values_list("line", "quantity"))
        orders = [order for order in self.world.orders if inside.keys() & set(order.line_ids)]
        allowed = all(order.can_leave for order in orders)
        self.attempt(allowed, lambda: ship_parcel(parcel_id=parcel.pk))
        for order in orders if allowed else []:
            for pk, line in zip(order.line_ids, order.lines, strict=True):
                self.send(line, inside.get(pk, 0))
            order.status = "partly_shipped" if any(line.open for line in order.lines) else "shipped"

    @rule(n=which, counts=st.lists(st.integers(0, 2), min_size=3, max_size=3), restock=st.booleans())
    def take_back(self, n: int, counts: list[int], restock: bool) -> None:
        left = [order for order in self.world.orders if any(line.shipped for line in order.lines)]
        order = left[n % len(left)] if left else self.pick(n)
        wanted = dict(zip(order.line_ids, counts, strict=False))
        pairs = list(zip(order.lines, counts, strict=False))
        allowed = any(wanted.values()) and all(count <= line.shipped - line.returned for line, count in pairs)
        condition = ReturnCondition.GOOD if restock else ReturnCondition.NOT_KEPT
        self.attempt(allowed, lambda: record_return(order_id=order.pk, quantities=wanted, condition=condition))
        if allowed:
            for line, count in pairs:
                line.returned += count
                self.world.shelves[line.item].on_hand += count if restock else 0

    @rule(n=which, amount=st.integers(0, 5000))
    def pay(self, n: int, amount: int) -> None:
        order = self.pick(n)
        allowed = order.status != "cancelled" and 0 < amount <= order.total - order.paid
        self.attempt(allowed, lambda: record_payment(order_id=order.pk, amount=amount))
        order.paid += amount if allowed else 0

    @rule(n=which, amount=st.integers(0, 5000))
    def refund(self, n: int, amount: int) -> None:
        order = self.pick(n)
        allowed = 0 < amount <= order.paid
        self.attempt(allowed, lambda: record_refund(order_id=order.pk, amount=amount))
        order.paid -= amount if allowed else 0

    @rule(item=st.integers(0, ITEMS - 1), quantity=st.integers(1, 6))
    def receive(self, item: int, quantity: int) -> None:
        post_entry(kind=EntryKind.RECEIPT, lines=self.entry(item, quantity))
        self.world.shelves[item].on_hand += quantity

    @rule(item=st.integers(0, ITEMS - 1), quantity=st.integers(0, 10))
    def count(self, item: int, quantity: int) -> None:
        shelf = self.world.shelves[item]
        allowed = quantity >= shelf.reserved
        self.attempt(allowed, lambda: post_entry(kind=EntryKind.COUNT, lines=self.entry(item, quantity)))
        if allowed:
            shelf.on_hand = quantity

    @invariant()
    def stock_is_as_in_the_model(self) -> None:
        if not self.world.shelves:
            return
        stored = dict(StockItem.objects.values_list("pk", "on_hand"))
        reserved = dict(StockItem.objects.values_list("pk", "reserved"))
        assert [(stored[pk], reserved[pk]) for pk in self.items] == [
            (shelf.on_hand, shelf.reserved) for shelf in self.world.shelves
        ]

    @invariant()
    def orders_are_as_in_the_model(self) -> None:
        stored = {pk: rest for pk, *rest in Order.objects.values_list("pk", "status", "paid_total", "is_held")}
        assert stored == {order.pk: [order.status, order.paid, order.held] for order in self.world.orders}
        lines = {
            pk: rest
            for pk, *rest in OrderLine.objects.values_list("pk", "shipped_count", "cancelled_count", "returned_count")
        }
        assert lines == {
            pk: [line.shipped, line.cancelled, line.returned]
            for order in self.world.orders
            for pk, line in zip(order.line_ids, order.lines, strict=True)
        }


@pytest.mark.django_db
def test_orders_and_stock_behave_as_their_model() -> None:
    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=20,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
