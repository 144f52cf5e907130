"""A known order delivered again: what each state lets the channel change, and what it only flags."""

from typing import Any

import pytest

from catalog.models import Variant
from core.models import EventRecord
from customers.models import Customer
from orders.models import Order, OrderStatus, Payment, ShipmentLine
from orders.services import cancel_order, confirm_order
from orders.services.intake.drafts import PaymentDraft
from tests.factories import make_channel, make_stock, make_variant
from tests.orders.test_intake import draft, line, place, snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel() -> Any:
    """A channel in won."""
    return make_channel(currency="KRW", country="KR")


@pytest.fixture
def shirt() -> Variant:
    """What is ordered."""
    return make_variant(sku="SHIRT")


def told() -> list[list[str]]:
    """Return what each fact about a change at the channel names."""
    facts = EventRecord.objects.filter(name="orders.order_changed_at_channel").order_by("id")
    return [fact.data["changed"] for fact in facts]


class TestContact:
    def test_a_shipped_order_takes_no_new_address_and_is_not_flagged(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft(state="shipped"), as_history=True)
        before = snapshot()
        [placed] = place(channel, draft(address_1="new 1", state="shipped"))
        assert placed.outcome == "unchanged"
        assert snapshot() == before
        assert told() == []

    def test_what_a_cancelled_order_lacked_is_still_filled(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft(recipient_phone=""))
        cancel_order(order_id=Order.objects.get().pk, reason="buyer")
        [placed] = place(channel, draft(recipient_phone="010-9", address_1="new 1"))
        order = Order.objects.get()
        assert (placed.outcome, order.recipient_phone, order.address_1) == ("updated", "010-9", "강북로 223")
        assert (order.status, order.to_check) == (OrderStatus.CANCELLED, "")
        assert told() == [["recipient_phone"]]

    def test_a_buyer_who_is_named_later_becomes_the_customer(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft(buyer_phone=""))
        assert Order.objects.get().customer is None
        place(channel, draft())
        assert Order.objects.get().customer == Customer.objects.get()
        assert told() == [["buyer_phone", "customer"]]

    def test_a_flag_of_a_new_order_outlives_the_next_look(self, channel: Any) -> None:
        place(channel, draft(line(sku="?")))
        Order.objects.update(address_1="corrected by hand")
        place(channel, draft(line(sku="?"), address_1="new 1"))
        order = Order.objects.get()
        assert (order.status, order.to_check, order.address_1) == (
            OrderStatus.NEW,
            "unknown_sku,changed",
            "corrected by hand",
        )


class TestBehindOurBack:
    def test_goods_that_left_elsewhere_are_flagged_once(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft())
        assert place(channel, draft(state="shipped"))[0].outcome == "updated"
        assert place(channel, draft(state="shipped"))[0].outcome == "unchanged"
        order = Order.objects.get()
        assert (order.status, order.to_check) == (OrderStatus.TO_CONFIRM, "gone")
        assert told() == [["to_check"]]

    def test_a_position_cancelled_after_confirmation_is_flagged_and_keeps_its_stock(
        self, channel: Any, shirt: Variant
    ) -> None:
        item = make_stock(shirt, on_hand=10)
        place(channel, draft(line(), line(external_id="2", quantity=1)))
        confirm_order(order_id=Order.objects.get().pk)
        [placed] = place(channel, draft(line(), line(external_id="2", quantity=1, state="cancelled")))
        assert placed.outcome == "updated"
        order = Order.objects.get()
        assert (order.status, order.to_check, order.total) == (OrderStatus.TO_SHIP, "cancelled_in_part", 3000)
        assert list(order.lines.order_by("position").values_list("cancelled_count", flat=True)) == [0, 0]
        item.refresh_from_db()
        assert item.reserved == 3

    def test_a_position_cancelled_before_confirmation_is_off(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft(line(), line(external_id="2", quantity=1)))
        place(channel, draft(line(), line(external_id="2", quantity=1, state="cancelled")))
        order = Order.objects.get()
        assert list(order.lines.order_by("position").values_list("cancelled_count", flat=True)) == [0, 1]
        assert (order.status, order.to_check) == (OrderStatus.TO_CONFIRM, "")
        assert told() == [["lines"]]

    def test_a_new_position_that_is_cancelled_already_is_off(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft())
        place(channel, draft(line(), line(external_id="2", quantity=4, state="cancelled")))
        rows = Order.objects.get().lines.order_by("position").values_list("quantity", "cancelled_count")
        assert list(rows) == [(2, 0), (4, 4)]

    def test_past_parcels_follow_a_corrected_quantity(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft(state="shipped"), as_history=True)
        place(channel, draft(line(quantity=3), state="shipped"), as_history=True)
        order = Order.objects.get()
        assert (order.total, order.lines.get().shipped_count) == (3000, 3)
        assert ShipmentLine.objects.get().quantity == 3


class TestMoney:
    def test_a_running_total_that_falls_takes_nothing_back(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft(payments=[PaymentDraft(amount=2000, is_running_total=True)]))
        [placed] = place(channel, draft(payments=[PaymentDraft(amount=1500, is_running_total=True)]))
        assert placed.outcome == "unchanged"
        assert Payment.objects.get().amount == 2000
        assert told() == []

    def test_an_unpaid_order_goes_on_when_nothing_is_left_to_check(self, channel: Any) -> None:
        place(channel, draft(line(sku="LATE"), state="unpaid"))
        assert Order.objects.get().status == OrderStatus.NEW
        make_variant(sku="LATE")
        place(channel, draft(line(sku="LATE"), state="unpaid"))
        order = Order.objects.get()
        assert (order.status, order.to_check) == (OrderStatus.AWAITING_PAYMENT, "")
        assert told() == [["lines", "status", "to_check"]]
