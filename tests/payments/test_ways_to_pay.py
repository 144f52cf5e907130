"""An order is paid by several ways at once, whatever each of them is; what comes in adds up."""

import pytest

from core.errors import InvalidInput
from orders.models import Order
from payments.models import MethodKind, PaymentMethod, RefundLimit
from payments.services import capture_payment, grant_refund, note_provider_payment, send_refund, void_payment
from tests.factories import make_order, make_stock
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", MethodKind.values)
def test_each_way_is_one_of_several_payments_of_an_order(kind):
    order = make_order((make_stock(on_hand=9).variant, 3), is_prepaid=True)  # 3,000 won
    method = PaymentMethod.objects.create(code="test-way", name="Test", kind=kind)
    first = note_provider_payment(
        order_id=order.pk, provider="manual", external_id="W-1", method_id=method.pk, amount=1200
    )
    rest = note_provider_payment(order_id=order.pk, provider="manual", external_id="W-2", amount=1800)

    capture_payment(payment_id=first.pk)
    capture_payment(payment_id=rest.pk, amount=1000)
    void_payment(payment_id=rest.pk)
    assert Order.objects.get(pk=order.pk).paid_total == 2200
    with pytest.raises(InvalidInput):
        note_provider_payment(order_id=order.pk, provider="manual", external_id="W-3", amount=801)

    RefundLimit.objects.create(currency="KRW", agent_amount=0, alone_amount=9999)
    send_refund(refund_id=grant_refund(order_id=order.pk, amount=1200).pk)

    first.refresh_from_db()
    rest.refresh_from_db()
    assert (first.method, first.refunded, rest.refunded) == (method, 1200, 0)
    assert Order.objects.get(pk=order.pk).paid_total == 1000
    assert_sound()
