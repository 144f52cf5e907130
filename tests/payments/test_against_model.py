"""Money against a simple model of it, through random sequences of what people and providers do with one order."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.errors import DomainError
from core.models import Delivery
from inventory.models import StockItem
from orders.models import Order, OrderLine, Payment
from orders.services import cancel_order, confirm_orders, record_payment, record_refund, record_return, ship_order
from payments.models import ProviderPayment, Refund, RefundLimit
from payments.services import (
    capture_payment,
    grant_refund,
    note_provider_payment,
    send_refund,
    void_payment,
    withdraw_refund,
)
from payments.services.providers.following import capture_shipped, void_cancelled
from payments.services.refunds.overtaking import withdraw_overtaken
from tests.factories import make_order, make_stock
from tests.orders.stories import assert_sound

PIECES, PRICE, STOCK = 5, 1000, 20
amounts = st.integers(0, 6000)
which = st.integers(0, 9)


@dataclass
class Hold:
    """The model of a provider payment."""

    pk: int
    authorised: int
    captured: int = 0
    refunded: int = 0
    is_void: bool = False

    @property
    def free(self) -> int:
        return 0 if self.is_void or self.captured >= self.authorised else self.authorised - self.captured


@dataclass
class Promise:
    """The model of a refund."""

    pk: int
    amount: int
    of_line: int
    state: str = "granted"


@dataclass
class Book:
    """The model of an order's money and pieces."""

    status: str = "to_confirm"
    paid: int = 0
    came: int = 0
    went: int = 0
    shipped: int = 0
    returned: int = 0
    holds: list[Hold] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)

    @property
    def due(self) -> int:
        return PIECES * PRICE - self.paid

    @property
    def promised(self) -> int:
        return sum(one.amount for one in self.promises if one.state == "granted")

    def take(self, amount: int) -> None:
        self.paid += amount
        self.came += amount

    def give(self, amount: int) -> None:
        self.paid -= amount
        self.went += amount


class Till(RuleBasedStateMachine):
    """Each rule does the same to the model and through the services, refusals included."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.book = Book()
        self.count = 0

    def teardown(self) -> None:
        try:
            Delivery.objects.all().delete()
            assert_sound()
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    @initialize(currency=st.sampled_from(["KRW", "JPY", "USD", "EUR"]))
    def open_till(self, currency: str) -> None:
        self.item = make_stock(on_hand=STOCK)
        self.order = make_order((self.item.variant, PIECES), unit_price=PRICE, currency=currency)
        Order.objects.filter(pk=self.order.pk).update(total=PIECES * PRICE, goods_total=PIECES * PRICE)
        OrderLine.objects.filter(order=self.order).update(total=PIECES * PRICE)
        self.line = self.order.lines.get()
        RefundLimit.objects.create(currency=currency, agent_amount=0, alone_amount=10**9)

    def attempt(self, allowed: bool, call: Any) -> Any:
        """Call a service; it must be refused exactly when the model refuses."""
        before = (Payment.objects.count(), Refund.objects.count())
        try:
            with transaction.atomic():
                done = call()
        except DomainError:
            assert not allowed, "refused what the model allows"
            assert (Payment.objects.count(), Refund.objects.count()) == before
            return None
        assert allowed, "did what the model refuses"
        return done

    def key(self) -> str:
        self.count += 1
        return f"key-{self.count}"

    @rule(amount=amounts)
    def pay(self, amount: int) -> None:
        allowed = self.book.status != "cancelled" and 0 < amount <= self.book.due
        key = self.key()
        self.attempt(allowed, lambda: record_payment(order_id=self.order.pk, amount=amount, key=key))
        if allowed:
            self.book.take(amount)
            record_payment(order_id=self.order.pk, amount=amount, key=key)  # replayed

    @rule(amount=amounts)
    def authorise(self, amount: int) -> None:
        allowed = 0 < amount <= self.book.due
        made = self.attempt(
            allowed,
            lambda: note_provider_payment(
                order_id=self.order.pk, provider="manual", external_id=self.key(), amount=amount
            ),
        )
        if made:
            self.book.holds.append(Hold(made.pk, amount))

    @rule(n=which, amount=amounts)
    def capture(self, n: int, amount: int) -> None:
        if not self.book.holds or self.book.status == "cancelled":
            return
        hold = self.book.holds[n % len(self.book.holds)]
        allowed = 0 < amount <= min(hold.free, self.book.due)
        key = self.key()
        self.attempt(allowed, lambda: capture_payment(payment_id=hold.pk, amount=amount, key=key))
        if allowed:
            hold.captured += amount
            self.book.take(amount)
            capture_payment(payment_id=hold.pk, amount=amount, key=key)  # replayed

    @rule(n=which)
    def let_go(self, n: int) -> None:
        if self.book.holds:
            hold = self.book.holds[n % len(self.book.holds)]
            self.attempt(hold.free > 0, lambda: void_payment(payment_id=hold.pk))
            hold.is_void = hold.is_void or hold.free > 0

    @rule(count=st.integers(1, 3))
    def ship(self, count: int) -> None:
        if self.book.status == "to_confirm":
            confirm_orders(order_ids=[self.order.pk])
            self.book.status = "to_ship"
        allowed = self.book.status in {"to_ship", "partly_shipped"} and count <= PIECES - self.book.shipped
        self.attempt(allowed, lambda: ship_order(order_id=self.order.pk, quantities={self.line.pk: count}))
        if allowed:
            self.book.shipped += count
            self.book.status = "shipped" if self.book.shipped == PIECES else "partly_shipped"
        assert capture_shipped(order_id=self.order.pk) == 0  # no method says so

    @rule()
    def cancel(self) -> None:
        allowed = self.book.status not in {"shipped", "cancelled"}
        self.attempt(allowed, lambda: cancel_order(order_id=self.order.pk, reason="model"))
        if allowed:
            self.book.status = "shipped" if self.book.status == "partly_shipped" else "cancelled"
            void_cancelled(order_id=self.order.pk)
            for hold in self.book.holds if self.book.status == "cancelled" else ():
                hold.is_void = hold.is_void or hold.free > 0

    @rule(count=st.integers(1, 3))
    def take_back(self, count: int) -> None:
        allowed = count <= self.book.shipped - self.book.returned
        self.attempt(allowed, lambda: record_return(order_id=self.order.pk, quantities={self.line.pk: count}))
        self.book.returned += count if allowed else 0

    @rule(amount=amounts, of_line=amounts)
    def grant(self, amount: int, of_line: int) -> None:
        on_line = sum(one.of_line for one in self.book.promises if one.state != "withdrawn")
        fits = of_line <= amount and on_line + of_line <= PIECES * PRICE
        allowed = 0 < amount <= self.book.paid - self.book.promised and fits
        key, lines = self.key(), {self.line.pk: of_line}
        made = self.attempt(allowed, lambda: grant_refund(order_id=self.order.pk, amount=amount, lines=lines, key=key))
        if made:
            self.book.promises.append(Promise(made.pk, amount, of_line))
            assert grant_refund(order_id=self.order.pk, amount=amount, lines=lines, key=key) == made

    @rule(n=which, by_hand=st.booleans())
    def send(self, n: int, by_hand: bool) -> None:
        if not self.book.promises:
            return
        promise = self.book.promises[n % len(self.book.promises)]
        if promise.state == "sent":
            send_refund(refund_id=promise.pk, by_hand=by_hand, key=self.key())  # replayed under another key
            return
        left = [hold for hold in self.book.holds if hold.captured > hold.refunded]
        fitting = [hold for hold in left if hold.captured - hold.refunded >= promise.amount]
        allowed = promise.state == "granted" and (by_hand or not left or bool(fitting))
        self.attempt(allowed, lambda: send_refund(refund_id=promise.pk, by_hand=by_hand))
        if allowed:
            promise.state = "sent"
            self.book.give(promise.amount)
            if not by_hand and fitting:
                max(fitting, key=lambda hold: (hold.captured - hold.refunded, -hold.pk)).refunded += promise.amount

    @rule(n=which)
    def withdraw(self, n: int) -> None:
        if self.book.promises:
            promise = self.book.promises[n % len(self.book.promises)]
            self.attempt(promise.state == "granted", lambda: withdraw_refund(refund_id=promise.pk))
            promise.state = "withdrawn" if promise.state == "granted" else promise.state

    @rule(amount=amounts)
    def the_mall_gives_back(self, amount: int) -> None:
        allowed = 0 < amount <= self.book.paid
        self.attempt(allowed, lambda: record_refund(order_id=self.order.pk, amount=amount))
        if allowed:
            self.book.give(amount)
            withdraw_overtaken(order_id=self.order.pk)
            for promise in reversed(self.book.promises):
                if promise.state == "granted" and self.book.promised > self.book.paid:
                    promise.state = "withdrawn"

    @invariant()
    def money_and_pieces_are_as_in_the_model(self) -> None:
        if not hasattr(self, "order"):
            return
        book = self.book
        stored = Order.objects.values_list("status", "paid_total").get(pk=self.order.pk)
        assert stored == (book.status, book.paid)
        assert book.came - book.went == book.paid >= book.promised >= 0
        assert list(Refund.objects.order_by("pk").values_list("pk", "amount", "state")) == [
            (one.pk, one.amount, one.state) for one in book.promises
        ]
        known = ProviderPayment.objects.order_by("pk").values_list("pk", "authorised", "captured", "refunded")
        assert list(known) == [(one.pk, one.authorised, one.captured, one.refunded) for one in book.holds]
        line = OrderLine.objects.values_list("shipped_count", "returned_count").get(pk=self.line.pk)
        assert line == (book.shipped, book.returned)
        on_hand = StockItem.objects.values_list("on_hand", flat=True).get(pk=self.item.pk)
        assert on_hand == STOCK - book.shipped + book.returned


@pytest.mark.django_db
def test_money_behaves_as_its_model() -> None:
    run_state_machine_as_test(
        Till,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
