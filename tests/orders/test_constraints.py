"""What the database refuses of orders, whoever asks."""

import pytest
from django.db import IntegrityError, transaction

from orders.models import Order, OrderLine, Payment, Return, ReturnLine, ShipmentLine
from orders.services import confirm_orders, record_payment, record_return, ship_orders
from tests.factories import make_order, make_stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    item = make_stock(on_hand=9)
    order = make_order((item.variant, 3), (item.variant, 1))
    confirm_orders(order_ids=[order.pk])
    ship_orders(order_ids=[order.pk])
    record_payment(order_id=order.pk, amount=100, external_id="P1")
    record_return(order_id=order.pk, quantities={order.lines.first().pk: 2})
    return order


@pytest.mark.parametrize(
    ("model", "change", "constraint"),
    [
        (Order, {"status": "lost"}, "orders_order_status_valid"),
        (Order, {"currency": "XXX"}, "orders_order_currency_valid"),
        (Order, {"total": 1}, "orders_order_total_adds_up"),
        (OrderLine, {"kind": "air"}, "orders_line_kind_valid"),
        (OrderLine, {"quantity": 0, "shipped_count": 0, "returned_count": 0}, "orders_line_quantity_positive"),
        (OrderLine, {"cancelled_count": 1}, "orders_line_not_over_shipped"),
        (OrderLine, {"returned_count": 4}, "orders_line_not_over_returned"),
        (OrderLine, {"external_id": "same"}, "orders_line_external_id"),
        (Payment, {"amount": 0}, "orders_payment_amount_positive"),
        (Payment, {"kind": "gift"}, "orders_payment_kind_valid"),
        (ShipmentLine, {"quantity": 0}, "orders_shipmentline_quantity_positive"),
        (ReturnLine, {"quantity": 0}, "orders_returnline_quantity_positive"),
    ],
)
def test_rules_of_one_row(order, model, change, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.update(**change)


def test_what_may_exist_once(order):
    other = make_order((None, 1))
    shipped = ShipmentLine.objects.first()
    back = Return.objects.get()
    back.external_number = "X"
    back.save(update_fields=["external_number"])
    for constraint, make in (
        (
            "orders_order_external_number",
            lambda: Order.objects.filter(pk=other.pk).update(external_number=order.external_number),
        ),
        ("orders_order_number", lambda: Order.objects.filter(pk=other.pk).update(number=order.number)),
        (
            "orders_payment_external_id",
            lambda: order.payments.create(
                kind="capture", amount=1, currency="KRW", external_id="P1", paid_at=order.placed_at
            ),
        ),
        ("orders_shipmentline_once", lambda: shipped.shipment.lines.create(line_id=shipped.line_id, quantity=1)),
        (
            "orders_return_external_number",
            lambda: Return.objects.create(
                number="R-X",
                sales_channel=order.sales_channel,
                external_number="X",
                currency="KRW",
                returned_at=order.placed_at,
            ),
        ),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            make()
