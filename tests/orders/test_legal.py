"""The law of the customer's country: whose it is, what it starts and stops, and withdrawals nobody may refuse."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from compliance.models import LegalClock
from compliance.selectors.clocks import standing
from compliance.services import sync_rules
from core.errors import NotAllowed
from core.events import sentences_of
from core.models import EventRecord
from orders.models import CancelCause, DeliverySource, Order, Return, Shipment, WithdrawalWay
from orders.services import (
    Delivered,
    cancel_order,
    cancel_orders,
    confirm_orders,
    record_deliveries,
    record_payment,
    record_refund,
    record_return,
    record_withdrawal,
    ship_order,
    ship_orders,
)
from orders.services.intake.drafts import LineDraft, OrderDraft
from orders.services.intake.placing import place_orders
from tests.factories import make_channel, make_order, make_stock, make_user
from tests.orders.lawful import PLACED, at, clock, deliver, line_of, make_received, running
from tests.orders.stories import sentences

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rules(db):
    sync_rules()


@pytest.fixture
def item():
    return make_stock(on_hand=50)


@pytest.fixture
def shipped(item):
    return make_received(item)


def sentences_of_return():
    subject = ContentType.objects.get_for_model(Return)
    return sentences_of(list(EventRecord.objects.filter(subject_type=subject)))


class TestWhoseLaw:
    @pytest.mark.parametrize(("country", "law"), [("KR", "KR"), ("JP", "JP"), ("DE", "EU"), ("US", ""), ("", "")])
    def test_it_is_pinned_by_the_country_of_delivery(self, item, country, law):
        draft = OrderDraft(
            external_number="A-1", placed_at=timezone.now(), currency="KRW", country=country, is_paid=True,
            lines=[LineDraft(external_id="1", sku=item.variant.sku, quantity=1, unit_price=1000, total=1000)],
        )  # fmt: skip

        place_orders(drafts=[draft], sales_channel_id=make_channel().pk)

        order = Order.objects.get()
        assert order.jurisdiction == law
        assert running() == (["kr-ship-prepaid"] if law == "KR" else [])

    def test_a_later_address_changes_nothing(self, shipped):
        Order.objects.update(country="DE")
        record_return(order_id=shipped.pk, quantities={line_of(shipped).pk: 1}, at=at(9))
        assert clock("kr-refund-return").rule.jurisdiction == "KR"

    def test_what_a_source_tells_of_the_past_runs_no_clock(self, item):
        draft = OrderDraft(
            external_number="A-1", placed_at=PLACED, currency="KRW", country="KR", is_paid=True,
            lines=[LineDraft(external_id="1", sku=item.variant.sku, quantity=1, unit_price=1000, total=1000)],
        )  # fmt: skip
        place_orders(drafts=[draft], sales_channel_id=make_channel().pk, as_history=True)
        assert running() == []


class TestShipping:
    def test_the_payment_starts_it_and_the_last_parcel_stops_it(self, item):
        order = make_order((item.variant, 3), placed_at=PLACED, is_prepaid=True, country="KR")
        assert running() == []
        record_payment(order_id=order.pk, amount=1_000, paid_at=at(2))
        assert running() == []
        record_payment(order_id=order.pk, amount=2_000, paid_at=at(6, 23))
        assert clock("kr-ship-prepaid").due_at == at(12, 0) - timedelta(microseconds=1)  # a Friday, three business days
        confirm_orders(order_ids=[order.pk])
        ship_order(order_id=order.pk, quantities={line_of(order).pk: 1}, at=at(9))
        assert running() == ["kr-ship-prepaid"]

        [shipment] = ship_order(order_id=order.pk, at=at(10))

        done = clock("kr-ship-prepaid")
        assert (done.stopped_at, done.evidence) == (at(10), shipment.number)

    def test_a_cancelled_order_is_not_to_be_shipped(self, item):
        order = make_order((item.variant, 1), placed_at=PLACED, is_prepaid=True, country="KR")
        record_payment(order_id=order.pk, amount=1_000, paid_at=at(2))
        cancel_order(order_id=order.pk, reason="Changed their mind", at=at(3))
        assert clock("kr-ship-prepaid").evidence == "Changed their mind"


class TestDelivery:
    def test_it_starts_the_window_and_says_who_told(self, shipped):
        window = clock("kr-withdrawal")
        assert (window.started_at, window.due_at) == (at(4), at(12, 0) - timedelta(microseconds=1))
        assert running() == ["kr-defect-supply", "kr-withdrawal"]
        shipment = Shipment.objects.get()
        assert (shipment.delivered_at, shipment.delivery_source) == (at(4), "carrier")
        assert sentences(shipped)[-1] == f"Parcel {shipment.number} received (Carrier’s scan)"

    def test_the_first_word_stays_and_impossible_ones_are_refused(self, shipped):
        told = len(sentences(shipped))
        assert deliver(shipped, at(4)).refused == []
        for moment in (at(5), at(2), timezone.now() + timedelta(days=1)):
            assert len(deliver(shipped, moment).refused) == 1
        assert Shipment.objects.get().delivered_at == at(4)
        assert len(sentences(shipped)) == told
        with pytest.raises(NotAllowed):
            record_deliveries(deliveries=[], actor=make_user())

    def test_the_last_parcel_counts(self, item):
        order = make_order((item.variant, 2), placed_at=PLACED, country="KR")
        confirm_orders(order_ids=[order.pk])
        [first] = ship_order(order_id=order.pk, quantities={line_of(order).pk: 1}, at=at(3))
        [second] = ship_order(order_id=order.pk, at=at(5))
        deliver(order, at(6), pk=second.pk)
        deliver(order, at(4), pk=first.pk)
        assert clock("kr-withdrawal").started_at == at(6)

    def test_many_are_noted_in_as_many_statements_as_few(self, item, django_assert_num_queries):
        orders = [make_order((item.variant, 1), placed_at=PLACED, country="KR").pk for _ in range(12)]
        confirm_orders(order_ids=orders)
        ship_orders(order_ids=orders, at=at(3))
        told = [
            Delivered(shipment_id=pk, at=at(4), source=DeliverySource.CARRIER)
            for pk in Shipment.objects.values_list("pk", flat=True)
        ]
        for some in (told[:2], told[2:]):
            with django_assert_num_queries(12):
                assert len(record_deliveries(deliveries=some).done) == len(some)


class TestRefunds:
    def test_goods_that_came_back_start_it_and_the_money_stops_it(self, shipped):
        record_return(order_id=shipped.pk, quantities={line_of(shipped).pk: 1}, at=at(9))
        owed = clock("kr-refund-return")
        assert (owed.amount, owed.subject_label) == (10_000, Return.objects.get().number)
        assert owed.due_at == at(13, 0) - timedelta(microseconds=1)

        record_refund(order_id=shipped.pk, amount=4_000, paid_at=at(10))
        assert (clock("kr-refund-return").settled, clock("kr-refund-return").stopped_at) == (4_000, None)
        record_refund(order_id=shipped.pk, amount=6_000, paid_at=at(20), external_id="T-77")

        done = clock("kr-refund-return")
        assert (done.stopped_at, done.evidence) == (at(20), "T-77")
        assert done.breach_cost == 20  # 6,000 won for eight days: 19.7
        assert "Refund after a return: done (T-77), 8 days late, interest of ₩20" in sentences_of_return()

    def test_what_was_refunded_ahead_is_not_owed_again(self, shipped):
        record_refund(order_id=shipped.pk, amount=7_000, paid_at=at(8))
        record_return(order_id=shipped.pk, quantities={line_of(shipped).pk: 1}, at=at(9))
        assert clock("kr-refund-return").amount == 3_000
        record_refund(order_id=shipped.pk, amount=13_000, paid_at=at(10))
        record_return(order_id=shipped.pk, quantities={line_of(shipped).pk: 1}, at=at(11))
        assert LegalClock.objects.filter(rule__code="kr-refund-return").count() == 1

    def test_late_money_shows_what_it_costs(self, shipped):
        record_return(order_id=shipped.pk, quantities={line_of(shipped).pk: 3}, at=at(9))
        now = standing(clock("kr-refund-return"), at(20))
        assert (now.is_late, now.days, now.owed, now.cost, now.per_day) == (True, -8, 30_000, 99, 12)

    @pytest.mark.parametrize(
        ("cause", "code", "due"),
        [
            (CancelCause.CUSTOMER, "kr-refund-statement", 12),  # Monday the 9th and three business days
            (CancelCause.UNSUPPLIED, "kr-refund-unsupplied", 5),  # since the payment on Monday the 2nd
        ],
    )
    def test_a_paid_order_that_is_cancelled_starts_it(self, item, cause, code, due):
        order = make_order((item.variant, 2), placed_at=PLACED, is_prepaid=True, country="KR")
        record_payment(order_id=order.pk, amount=2_000, paid_at=at(2))
        unpaid = make_order((item.variant, 2), placed_at=PLACED, country="KR")

        cancel_orders(order_ids=[order.pk, unpaid.pk], reason="Off", at=at(9), cause=cause)

        assert running() == [code]
        assert (clock(code).amount, clock(code).due_at) == (2_000, at(due + 1, 0) - timedelta(microseconds=1))
        record_refund(order_id=order.pk, amount=2_000, paid_at=at(10))
        assert running() == []

    def test_what_is_left_of_an_order_is_refunded_by_its_value(self, item):
        order = make_order((item.variant, 3), placed_at=PLACED, is_prepaid=True, country="KR")
        record_payment(order_id=order.pk, amount=3_000, paid_at=at(2))
        confirm_orders(order_ids=[order.pk])
        ship_order(order_id=order.pk, quantities={line_of(order).pk: 1}, at=at(3))
        cancel_order(order_id=order.pk, reason="Off", at=at(9))
        assert clock("kr-refund-statement").amount == 2_000

    def test_in_the_eu_it_counts_from_the_statement_and_includes_the_delivery(self, item):
        order = make_order(
            (item.variant, 2), shipping=500, placed_at=PLACED, is_prepaid=True, country="DE", jurisdiction="EU"
        )
        record_payment(order_id=order.pk, amount=2_500, paid_at=at(2))
        confirm_orders(order_ids=[order.pk])
        ship_orders(order_ids=[order.pk], at=at(3))
        deliver(order, at(5))
        record_withdrawal(order_id=order.pk, stated_at=at(6), way=WithdrawalWay.BUTTON)

        assert running() == ["eu-refund", "eu-withdrawal-receipt"]
        assert clock("eu-refund").amount == 2_500
        record_return(order_id=order.pk, quantities={line_of(order).pk: 2}, at=at(10))
        assert running() == ["eu-refund", "eu-withdrawal-receipt"]  # once, not again for the goods
        record_refund(order_id=order.pk, amount=2_500, paid_at=at(11))
        assert running() == ["eu-withdrawal-receipt"]
