"""Money in and back."""

import pytest

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from orders.models import Order, OrderStatus, Payment
from orders.services import cancel_order, record_payment, record_refund
from tests.factories import make_order, make_user, make_variant
from tests.orders.stories import assert_sound, sentences

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return make_order((make_variant(), 2), status=OrderStatus.AWAITING_PAYMENT, is_prepaid=True)


def stored(order):
    return Order.objects.values_list("status", "paid_total").get(pk=order.pk)


def test_a_part_leaves_it_waiting_and_the_rest_moves_it_on(order):
    record_payment(order_id=order.pk, amount=500)
    assert stored(order) == ("awaiting_payment", 500)

    payment = record_payment(order_id=order.pk, amount=1500, method="card")

    assert stored(order) == ("to_confirm", 2000)
    assert (payment.currency, payment.method, payment.kind) == ("KRW", "card", "capture")
    assert sentences(order) == ["₩500 paid", "₩1,500 paid; nothing is due any more"]
    assert_sound()


@pytest.mark.parametrize("amount", [0, -1, 2001])
def test_nothing_and_more_than_is_due_are_refused(order, amount):
    with pytest.raises(InvalidInput):
        record_payment(order_id=order.pk, amount=amount)
    assert stored(order) == ("awaiting_payment", 0)
    assert sentences(order) == []


def test_refunds_never_exceed_what_was_paid(order):
    record_payment(order_id=order.pk, amount=2000)
    record_refund(order_id=order.pk, amount=1500, reason="damaged")

    with pytest.raises(InvalidInput, match="₩500"):
        record_refund(order_id=order.pk, amount=501)

    assert stored(order) == ("to_confirm", 500)
    assert sentences(order)[1:] == ["₩1,500 refunded: damaged"]
    assert_sound()


@pytest.mark.parametrize("service", [record_payment, record_refund])
@pytest.mark.parametrize("name", ["external_id", "key"])
def test_the_same_number_or_key_counts_once(order, service, name):
    record_payment(order_id=order.pk, amount=1000)
    first = service(order_id=order.pk, amount=300, **{name: "PSP-1"})
    before = stored(order)

    assert service(order_id=order.pk, amount=300, **{name: "PSP-1"}) == first
    with pytest.raises(Conflict):
        service(order_id=order.pk, amount=301, **{name: "PSP-1"})

    assert stored(order) == before
    assert Payment.objects.count() == 2
    assert_sound()


def test_a_refused_key_stays_refused(order):
    for _ in range(2):
        with pytest.raises(Exception, match="is due on this order"):
            record_payment(order_id=order.pk, amount=2001, key="k")
        Order.objects.filter(pk=order.pk).update(total=9000, goods_total=9000)
    assert stored(order) == ("awaiting_payment", 0)


def test_a_cancelled_order_takes_no_money_but_gives_it_back(order):
    record_payment(order_id=order.pk, amount=500)
    cancel_order(order_id=order.pk, reason="x")

    with pytest.raises(InvalidTransition):
        record_payment(order_id=order.pk, amount=100)
    record_refund(order_id=order.pk, amount=500)

    assert stored(order) == ("cancelled", 0)
    assert_sound()


@pytest.mark.parametrize("service", [record_payment, record_refund])
def test_the_right_is_needed(order, service):
    with pytest.raises(NotAllowed):
        service(order_id=order.pk, amount=100, actor=make_user(permissions=["orders.change_order"]))
    assert stored(order) == ("awaiting_payment", 0)
    service_user = make_user(permissions=["orders.record_payment"])
    record_payment(order_id=order.pk, amount=100, actor=service_user)
