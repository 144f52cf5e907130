"""Orders arrive once, whatever is delivered how often; staff's corrections and the stock's truth stay."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from catalog.models import Variant, VariantCode
from core.models import EventRecord
from customers.models import Customer, Identity
from inventory.models import StockItem
from orders.models import LineKind, Order, OrderLine, OrderStatus, Payment, PaymentKind, Return, ReturnLine, Shipment
from orders.services import cancel_order, confirm_order
from orders.services.intake.drafts import LineDraft, OrderDraft, PaymentDraft, Placed, ReturnDraft
from orders.services.intake.placing import place_orders
from orders.services.intake.returns import link_returns, place_returns
from tests.factories import make_channel, make_stock, make_variant

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 5, 1, 3, tzinfo=UTC)


@pytest.fixture
def channel() -> Any:
    """A channel in won."""
    return make_channel(currency="KRW", country="KR")


@pytest.fixture
def shirt() -> Variant:
    """What is ordered."""
    return make_variant(sku="SHIRT")


def line(**over: Any) -> LineDraft:
    """Draft two shirts at 1,000 won."""
    values = {"external_id": "1", "sku": "SHIRT", "name": "Shirt", "quantity": 2, "unit_price": Decimal(1000)}
    values |= over
    values.setdefault("total", int(values["quantity"] * values["unit_price"]))
    return LineDraft(**values)


def draft(*lines: LineDraft, **over: Any) -> OrderDraft:
    """Draft an order that can go on."""
    values: dict[str, Any] = {
        "external_number": "A-1",
        "placed_at": DAY,
        "currency": "KRW",
        "buyer_name": "김하윤",
        "buyer_phone": "010-1234-5678",
        "recipient_name": "김하윤",
        "address_1": "강북로 223",
        "country": "KR",
    }
    return OrderDraft(lines=list(lines) or [line()], **values | over)


def place(channel: Any, *drafts: OrderDraft, **options: Any) -> list[Placed]:
    """Place drafts."""
    return place_orders(drafts=list(drafts), sales_channel_id=channel.pk, **options)


def snapshot() -> list[Any]:
    """Return everything that intake writes."""
    return [list(model.objects.order_by("pk").values()) for model in (Order, OrderLine, Payment, Customer, Identity)]


def test_a_new_order_is_ready_to_be_confirmed(channel: Any, shirt: Variant) -> None:
    [placed] = place(channel, draft(line(), line(external_id="~s", kind=LineKind.SHIPPING, quantity=1, sku="")))
    order = Order.objects.get()
    assert (placed.id, placed.number, placed.outcome) == (order.pk, "O-0000001", "created")
    assert (order.status, order.to_check) == (OrderStatus.TO_CONFIRM, "")
    assert (order.goods_total, order.extras_total, order.total, order.line_count) == (2000, 1000, 3000, 2)
    assert order.ship_by == DAY + timedelta(days=2)
    assert order.customer is not None
    assert order.customer.name == "김하윤"
    assert order.lines.get(kind="product").variant == shirt
    assert EventRecord.objects.get(name="orders.order_placed").data["status"] == "to_confirm"
    assert "김하윤" in order.search_text


def test_the_same_again_changes_nothing(channel: Any, shirt: Variant) -> None:
    place(channel, draft(is_paid=True))
    before, events = snapshot(), EventRecord.objects.count()
    [placed] = place(channel, draft(is_paid=True))
    assert (placed.outcome, placed.lines["1"].outcome) == ("unchanged", "unchanged")
    assert snapshot() == before
    assert EventRecord.objects.count() == events


def test_the_same_order_twice_in_one_call_is_a_mistake(channel: Any) -> None:
    with pytest.raises(ValueError, match="twice"):
        place(channel, draft(), draft())
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"lines": [line(sku="UNKNOWN")]}, "unknown_sku"),
        ({"address_1": ""}, "no_address"),
        ({"recipient_name": ""}, "no_address"),
        ({"stated_total": 1999}, "total"),
        ({"currency": "JPY"}, "currency"),
        ({"state": "unknown"}, "unknown_state"),
        ({"state": "shipped"}, "gone"),
        ({"checks": ["country"]}, "country"),
    ],
)
def test_what_is_odd_is_checked_by_a_person(channel: Any, shirt: Variant, over: dict[str, Any], code: str) -> None:
    lines = over.pop("lines", [line()])
    place(channel, draft(*lines, **over))
    order = Order.objects.get()
    assert (order.status, order.to_check) == (OrderStatus.NEW, code)


def test_what_was_odd_heals_with_the_next_delivery(channel: Any, shirt: Variant) -> None:
    place(channel, draft(line(sku="NEW")))
    variant = make_variant()
    VariantCode.objects.create(variant=variant, sales_channel=channel, code="NEW")
    [placed] = place(channel, draft(line(sku="NEW")))
    order = Order.objects.get()
    assert (order.status, order.to_check, placed.outcome) == (OrderStatus.TO_CONFIRM, "", "updated")
    assert order.lines.get().variant == variant


def test_unpaid_waits_for_its_payment_and_goes_on(channel: Any, shirt: Variant) -> None:
    place(channel, draft(is_paid=False))
    assert Order.objects.get().status == OrderStatus.AWAITING_PAYMENT
    place(channel, draft(is_paid=True))
    order = Order.objects.get()
    assert (order.status, order.paid_total) == (OrderStatus.TO_CONFIRM, 2000)
    place(channel, draft(is_paid=False))
    assert Order.objects.get().status == OrderStatus.TO_CONFIRM


def test_cash_on_delivery_does_not_wait(channel: Any, shirt: Variant) -> None:
    place(channel, draft(is_paid=False, is_prepaid=False))
    order = Order.objects.get()
    assert (order.status, order.is_prepaid) == (OrderStatus.TO_CONFIRM, False)


def test_missing_variants_are_made_when_asked(channel: Any) -> None:
    place(channel, draft(line(sku="X-1", name="Mug")), create_missing_variants=True)
    variant = Variant.objects.get()
    assert (variant.sku, variant.product.name, variant.product.status) == ("X-1", "Mug", "draft")
    assert Order.objects.get().lines.get().variant == variant


class TestDeliveredAgain:
    def test_thin_then_full_fills(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft(recipient_phone="", customer_note=""))
        place(channel, draft(recipient_phone="010-9", customer_note="door"))
        order = Order.objects.get()
        assert (order.recipient_phone, order.customer_note) == ("010-9", "door")

    def test_full_then_thin_empties_nothing(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft(customer_note="door"))
        before = snapshot()
        [placed] = place(channel, draft(customer_note="", buyer_name="", address_1=""))
        assert placed.outcome == "unchanged"
        assert snapshot() == before

    def test_an_untouched_address_follows_the_channel(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft())
        [placed] = place(channel, draft(address_1="new 1"))
        assert (placed.outcome, Order.objects.get().address_1) == ("updated", "new 1")
        assert EventRecord.objects.get(name="orders.order_changed_at_channel").data["changed"] == ["address_1"]

    def test_a_corrected_address_stays_and_the_channels_new_word_is_flagged_once(
        self, channel: Any, shirt: Variant
    ) -> None:
        place(channel, draft())
        Order.objects.update(address_1="corrected by hand")
        assert place(channel, draft())[0].outcome == "unchanged"
        assert place(channel, draft(address_1="new 1"))[0].outcome == "updated"
        order = Order.objects.get()
        assert (order.address_1, order.to_check) == ("corrected by hand", "changed")
        Order.objects.update(to_check="")
        assert place(channel, draft(address_1="new 1"))[0].outcome == "unchanged"
        assert Order.objects.get().to_check == ""

    def test_lines_change_until_confirmation(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft())
        [placed] = place(channel, draft(line(quantity=3), line(external_id="2", quantity=1)))
        assert (placed.lines["1"].outcome, placed.lines["2"].outcome) == ("updated", "created")
        order = Order.objects.get()
        assert (order.total, order.line_count) == (4000, 2)

    def test_lines_of_a_confirmed_order_are_refused_and_flagged(self, channel: Any, shirt: Variant) -> None:
        make_stock(shirt, on_hand=10)
        place(channel, draft())
        confirm_order(order_id=Order.objects.get().pk)
        [placed] = place(channel, draft(line(quantity=3), line(external_id="2", quantity=1)))
        assert [(one.outcome, one.reason) for one in placed.lines.values()] == [("refused", "confirmed")] * 2
        order = Order.objects.get()
        assert (order.status, order.total, order.to_check) == (OrderStatus.TO_SHIP, 2000, "changed")
        assert StockItem.objects.get().reserved == 2

    def test_lines_that_are_not_told_stay(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft(line(), line(external_id="2", quantity=1)))
        place(channel, draft(line()))
        assert Order.objects.get().line_count == 2

    def test_a_cancellation_frees_the_stock(self, channel: Any, shirt: Variant) -> None:
        make_stock(shirt, on_hand=10)
        place(channel, draft())
        confirm_order(order_id=Order.objects.get().pk)
        assert StockItem.objects.get().reserved == 2
        [placed] = place(channel, draft(state="cancelled"))
        assert (placed.outcome, Order.objects.get().status) == ("updated", OrderStatus.CANCELLED)
        assert StockItem.objects.get().reserved == 0
        assert place(channel, draft(state="cancelled"))[0].outcome == "unchanged"

    def test_a_cancellation_after_shipping_is_flagged(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft(state="shipped"), as_history=True)
        place(channel, draft(state="cancelled"))
        order = Order.objects.get()
        assert (order.status, order.to_check) == (OrderStatus.SHIPPED, "cancelled_late")

    def test_a_cancelled_order_does_not_come_back(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft())
        cancel_order(order_id=Order.objects.get().pk, reason="buyer")
        place(channel, draft(state="open"))
        assert Order.objects.get().status == OrderStatus.CANCELLED


class TestMoney:
    def test_running_totals_add_what_is_new(self, channel: Any, shirt: Variant) -> None:
        def paid(capture: int, refund: int) -> OrderDraft:
            refunds = [PaymentDraft(amount=refund, kind=PaymentKind.REFUND, is_running_total=True)] if refund else []
            return draft(payments=[PaymentDraft(amount=capture, is_running_total=True), *refunds])

        place(channel, paid(2000, 0))
        place(channel, paid(2000, 300))
        place(channel, paid(2000, 500))
        place(channel, paid(2000, 500))
        found = Payment.objects.order_by("pk").values_list("kind", "amount")
        assert list(found) == [("capture", 2000), ("refund", 300), ("refund", 200)]
        assert Order.objects.get().paid_total == 1500

    def test_numbered_payments_are_taken_once(self, channel: Any, shirt: Variant) -> None:
        two = [PaymentDraft(amount=1500, external_id="1"), PaymentDraft(amount=500, external_id="2", method="voucher")]
        for _time in range(2):
            place(channel, draft(payments=two))
        assert Payment.objects.aggregate(n=Sum("amount"))["n"] == Order.objects.get().paid_total == 2000


class TestHistory:
    def test_what_has_left_is_shipped_and_moves_no_stock(self, channel: Any, shirt: Variant) -> None:
        item = make_stock(shirt, on_hand=5)
        place(channel, draft(line(tracking_number="T1"), state="delivered"), as_history=True)
        order = Order.objects.get()
        assert (order.status, order.shipped_at) == (OrderStatus.SHIPPED, DAY)
        shipment = Shipment.objects.get()
        assert (shipment.warehouse, shipment.tracking_number, shipment.lines.get().quantity) == (None, "T1", 2)
        assert order.lines.get().shipped_count == 2
        item.refresh_from_db()
        assert (item.on_hand, item.reserved) == (5, 0)

    def test_cancelled_ones_are_cancelled(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft(state="cancelled", cancelled_at=DAY), as_history=True)
        order = Order.objects.get()
        assert (order.status, order.cancelled_at) == (OrderStatus.CANCELLED, DAY)
        assert order.lines.get().cancelled_count == 2

    def test_open_ones_take_the_usual_way(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft(state="open"), as_history=True)
        assert Order.objects.get().status == OrderStatus.TO_CONFIRM

    def test_a_file_cut_in_the_middle_of_an_order_adds_the_rest(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft(line()), as_history=True)
        place(channel, draft(line(), line(external_id="2", quantity=1)), as_history=True)
        order = Order.objects.get()
        assert (order.status, order.line_count, order.total) == (OrderStatus.SHIPPED, 2, 3000)
        assert sum(one.shipped_count for one in order.lines.all()) == 3

    def test_orders_without_lines_are_checked(self, channel: Any) -> None:
        place(channel, OrderDraft(external_number="E", placed_at=DAY, currency="KRW", lines=[]), as_history=True)
        order = Order.objects.get()
        assert (order.status, order.to_check, order.line_count) == (OrderStatus.NEW, "no_lines", 0)


class TestCustomers:
    def test_one_person_with_many_orders_is_one_customer(self, channel: Any, shirt: Variant) -> None:
        place(
            channel,
            draft(external_number="1", buyer_email="A@example.com", buyer_phone=""),
            draft(external_number="2", buyer_email="a@EXAMPLE.com", buyer_phone="+82 10-1234-5678"),
            draft(external_number="3", buyer_phone="01012345678"),
        )
        assert Customer.objects.count() == 1
        assert set(Identity.objects.values_list("kind", "value")) == {
            ("email", "a@example.com"),
            ("phone", "01012345678"),
        }

    @pytest.mark.parametrize("phone", ["0500-000-0001", "000-0000-0001", "010-****-5678", "", "12"])
    def test_lent_and_masked_numbers_identify_nobody(self, channel: Any, shirt: Variant, phone: str) -> None:
        place(channel, draft(buyer_phone=phone))
        assert Order.objects.get().customer is None
        assert not Customer.objects.exists()

    def test_customers_are_never_merged_by_intake(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft(external_number="1", buyer_email="a@example.com", buyer_phone=""))
        place(channel, draft(external_number="2"))
        place(channel, draft(external_number="3", buyer_email="a@example.com"))
        assert Customer.objects.count() == 2
        assert Identity.objects.count() == 2


class TestReturns:
    def returned(self, **over: Any) -> ReturnDraft:
        values: dict[str, Any] = {"external_number": "C1", "returned_at": DAY + timedelta(days=3), "currency": "KRW"}
        return ReturnDraft(lines=[line(quantity=1)], customer_code="k", **values | over)

    def test_they_find_the_order_they_come_from(self, channel: Any, shirt: Variant) -> None:
        place(channel, draft(customer_code="k"), as_history=True)
        place_returns(drafts=[self.returned()], sales_channel_id=channel.pk)
        assert link_returns(sales_channel_id=channel.pk) == 1
        assert link_returns(sales_channel_id=channel.pk) == 0
        record = Return.objects.get()
        assert (record.order, record.total, record.line_count) == (Order.objects.get(), 1000, 1)
        assert OrderLine.objects.get().returned_count == 1

    @pytest.mark.parametrize("over", [{"customer_code": "other"}, {"returned_at": DAY - timedelta(days=1)}])
    def test_without_certainty_they_stand_alone(self, channel: Any, shirt: Variant, over: dict[str, Any]) -> None:
        place(channel, draft(customer_code="k"), as_history=True)
        returned = self.returned()
        for name, value in over.items():
            setattr(returned, name, value)
        place_returns(drafts=[returned], sales_channel_id=channel.pk)
        assert link_returns(sales_channel_id=channel.pk) == 0
        assert Return.objects.get().order is None
        assert OrderLine.objects.get().returned_count == 0

    def test_the_same_again_changes_nothing(self, channel: Any, shirt: Variant) -> None:
        place_returns(drafts=[self.returned()], sales_channel_id=channel.pk)
        before = list(ReturnLine.objects.values())
        [again] = place_returns(drafts=[self.returned()], sales_channel_id=channel.pk)
        assert (again.outcome, again.lines["1"].outcome) == ("unchanged", "unchanged")
        assert list(ReturnLine.objects.values()) == before
