"""The buttons of orders: each asks what it needs, calls one service, and says what came of it."""

import pytest

from orders.models import Order, OrderStatus
from payments.models import RefundLimit
from tests.admin.pressing import press, press_many, said
from tests.factories import make_order, make_stock, make_user
from tests.orders.stories import assert_sound, counters

pytestmark = pytest.mark.django_db

RIGHTS = [
    "orders.view_order",
    "orders.confirm_order",
    "orders.ship_order",
    "orders.cancel_order",
    "orders.record_payment",
    "orders.record_return",
    "payments.grant_refund",
    "payments.grant_large_refund",
    "payments.send_refund",
]


@pytest.fixture(autouse=True)
def clerk(client):
    user = make_user(permissions=RIGHTS)
    client.force_login(user)
    return user


def last(response):
    """Return what the last press said; earlier sentences wait for a page to show them."""
    return said(response)[-1:]


def test_an_unknown_line_is_matched_accepted_paid_and_confirmed(client):
    item = make_stock(on_hand=5)
    order = make_order((None, 2), status=OrderStatus.NEW, to_check="unknown_sku", is_prepaid=True)
    line = order.lines.get()

    unknown = press(client, order, "match", line=line.pk, sku="nothing")
    assert "There is no SKU “nothing”." in unknown.content.decode()
    assert last(press(client, order, "match", line=line.pk, sku=f" {item.variant.sku} ")) == [
        f"Matched to {item.variant.sku}."
    ]
    assert last(press(client, order, "accept")) == ["Accepted; it is now “Waiting for payment”."]
    paid = {"method": "Bank transfer", "paid_at_0": "2026-05-01", "paid_at_1": "10:00"}
    for amount, sentence in [("x", "is not an amount"), ("0", "Write an amount above zero."), ("1.5", "decimals")]:
        refused = press(client, order, "pay", amount=amount, **paid)
        assert sentence in refused.content.decode()
    assert last(press(client, order, "pay", amount="2,000", **paid)) == ["₩2,000 recorded."]
    assert last(press(client, order, "confirm")) == ["Confirmed; its stock is reserved."]
    order.refresh_from_db()
    assert (order.status, order.paid_total, counters(item)) == (OrderStatus.TO_SHIP, 2000, (5, 2))
    assert_sound()


def test_parts_are_shipped_come_back_and_are_refunded(client):
    item = make_stock(on_hand=5)
    order = make_order((item.variant, 3))
    press(client, order, "confirm")
    line = order.lines.get()
    name = f"line_{line.pk}"

    too_many = press(client, order, "ship", carrier="DHL", **{name: 4})
    assert "3 left to ship" in too_many.content.decode()
    press(client, order, "ship", carrier="DHL", tracking_number="T1", **{name: 1})
    press(client, order, "ship", carrier="DHL", **{name: 2})
    nothing = press(client, order, "take_back", reason="Damaged", **{name: 0})
    assert "Write how many pieces came back." in nothing.content.decode()
    [sentence] = last(press(client, order, "take_back", reason="Damaged", condition="good", **{name: 2}))
    assert sentence == f"Return {order.returns.get().number} recorded."
    press(client, order, "pay", amount="3000", method="Card", paid_at_0="2026-05-01", paid_at_1="10:00")
    RefundLimit.objects.create(currency="KRW", agent_amount=0, alone_amount=2000)
    granted = press(client, order, "refund", amount="2000", reason="damaged", sends="on", **{name: "1500"})
    assert last(granted) == ["₩2,000 refunded."]

    order.refresh_from_db()
    assert (order.status, order.paid_total, counters(item)) == (OrderStatus.SHIPPED, 1000, (4, 0))
    assert sorted(order.shipments.values_list("tracking_number", flat=True)) == ["", "T1"]
    assert_sound()


def test_an_order_that_waits_for_stock_says_so_and_is_cancelled_with_a_reason(client):
    item = make_stock(on_hand=1)
    order = make_order((item.variant, 2))
    assert last(press(client, order, "confirm")) == [f"Confirmed, but it waits for stock of {item.variant.sku}."]
    assert last(press(client, order, "allocate")) == [f"Still short: {item.variant.sku}"]
    without = press(client, order, "cancel", reason="", restock="on")
    assert "This field is required." in without.content.decode()
    assert last(press(client, order, "cancel", reason="Out of stock", restock="on")) == [
        f"Order {order.number} is cancelled."
    ]
    order.refresh_from_db()
    assert (order.status, order.cancel_reason, counters(item)) == (OrderStatus.CANCELLED, "Out of stock", (1, 0))


def test_many_orders_at_once(client):
    item = make_stock(on_hand=3)
    first, second, third = (make_order((item.variant, 1), number=f"N-{n}") for n in range(3))
    short = make_order((item.variant, 9), number="N-9")
    ids = [first.pk, second.pk, third.pk, short.pk]

    assert last(press_many(client, Order, "confirm_selected", ids)) == ["4 done. 1 of them wait for stock."]
    [sentence] = last(press_many(client, Order, "allocate_selected", [first.pk, short.pk]))
    assert sentence.startswith("0 done, 2 refused: ")
    assert "It does not wait for stock. (N-0)" in sentence
    assert f"Still short: {item.variant.sku} (N-9)" in sentence
    [sentence] = last(press_many(client, Order, "ship_selected", [first.pk, short.pk], carrier="DHL"))
    assert sentence.startswith("1 done, 1 refused: It cannot be shipped while it is “Waiting for stock”. (N-9)")
    assert last(press_many(client, Order, "cancel_selected", [second.pk, short.pk], reason="x", restock="on")) == [
        "2 done"
    ]
    assert dict(Order.objects.values_list("number", "status")) == {
        "N-0": OrderStatus.SHIPPED,
        "N-1": OrderStatus.CANCELLED,
        "N-2": OrderStatus.TO_SHIP,
        "N-9": OrderStatus.CANCELLED,
    }
    assert_sound()
