"""What a cancellation or a cheaper change owes is proposed as a refund, once, and never beyond what is paid."""

import pytest
from django.urls import reverse

from core.events import deliver_due
from core.models import Delivery
from orders.models import CancelCause
from orders.services import cancel_order, change_order, confirm_orders, record_payment, ship_order
from orders.services.changing.edits import LineEdit, OrderEdit
from payments.models import PaymentMethod, ProviderPayment, Refund, RefundLimit
from payments.services import approve_refund, grant_refund, send_refund, withdraw_refund
from staff.models import Notification
from tests.factories import make_channel, make_order, make_stock, make_user
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db


def deliver():
    while deliver_due():
        pass


def again():
    """Let every fact be delivered once more, as after a crash."""
    Delivery.objects.update(done_at=None)
    deliver()


def told():
    return list(Refund.objects.order_by("pk").values_list("amount", "reason", "state", "needs_approval"))


@pytest.fixture(params=["KRW", "JPY", "USD", "EUR"])
def currency(request):
    return request.param


@pytest.fixture
def limit(currency):
    return RefundLimit.objects.create(currency=currency, agent_amount=0, alone_amount=10_000)


@pytest.fixture
def order(limit):
    item = make_stock(on_hand=20)
    made = make_order((item.variant, 3), (make_stock(on_hand=5).variant, 1), currency=limit.currency, is_prepaid=True)
    record_payment(order_id=made.pk, amount=made.total)
    made.refresh_from_db()
    return made


def test_a_cancelled_order_proposes_all_that_was_paid_by_line_and_one_press_sends_it(order):
    deliver()
    cancel_order(order_id=order.pk, reason="changed my mind", cause=CancelCause.CUSTOMER)
    assert told() == []
    deliver()
    assert told() == [(order.total, "cancelled", "granted", False)]
    refund = Refund.objects.get()
    assert dict(refund.lines.values_list("order_line", "amount")) == dict(order.lines.values_list("pk", "total"))
    again()
    assert Refund.objects.count() == 1
    send_refund(refund_id=refund.pk)
    again()
    order.refresh_from_db()
    assert (order.paid_total, told()) == (0, [(order.total, "cancelled", "sent", False)])
    assert_sound()


def test_what_is_promised_already_is_not_proposed_and_a_withdrawn_proposal_stays_so(order):
    grant_refund(order_id=order.pk, amount=order.total - 100)
    cancel_order(order_id=order.pk, reason="changed my mind")
    deliver()
    assert told()[1:] == [(100, "cancelled", "granted", False)]
    withdraw_refund(refund_id=Refund.objects.get(cause="cancelled").pk)
    again()
    assert [row[2] for row in told()] == ["granted", "withdrawn"]
    assert_sound()


def test_nothing_paid_proposes_nothing():
    order = make_order((make_stock(on_hand=5).variant, 1), is_prepaid=True)
    cancel_order(order_id=order.pk, reason="changed my mind")
    deliver()
    assert told() == []


@pytest.mark.parametrize("currency", ["KRW"], indirect=True)
def test_above_the_limit_another_person_than_who_cancelled_says_yes(order, limit):
    limit.alone_amount = order.total - 1
    limit.save()
    rights = ["orders.cancel_order", "payments.approve_refund", "payments.grant_refund"]
    first, second = make_user(permissions=rights), make_user(permissions=rights)
    cancel_order(order_id=order.pk, reason="changed my mind", actor=first)
    deliver()
    refund = Refund.objects.get()
    assert (refund.granted_by, refund.needs_approval, refund.approved_at) == (first, True, None)
    assert list(Notification.objects.values_list("user_id", flat=True)) == [second.pk]
    approve_refund(refund_id=refund.pk, actor=second)
    assert send_refund(refund_id=refund.pk).state == "sent"


def test_the_rest_of_a_partly_shipped_order_is_proposed_for_what_did_not_leave(order):
    confirm_orders(order_ids=[order.pk])
    kept, left = order.lines.order_by("position")
    ship_order(order_id=order.pk, quantities={left.pk: left.quantity})
    cancel_order(order_id=order.pk, reason="out of stock", cause=CancelCause.UNSUPPLIED)
    deliver()
    assert told() == [(kept.total, "cancelled", "granted", False)]
    again()
    assert Refund.objects.count() == 1


def test_a_cheaper_change_proposes_the_difference_and_a_dearer_one_takes_it_back(order):
    line = order.lines.order_by("position").first()
    unit = line.total // 3
    change_order(order_id=order.pk, edit=OrderEdit(lines=[LineEdit(line_id=line.pk, quantity=1)]))
    deliver()
    assert told() == [(2 * unit, "edited", "granted", False)]
    change_order(order_id=order.pk, edit=OrderEdit(lines=[LineEdit(line_id=line.pk, quantity=2)]))
    deliver()
    assert told() == [(2 * unit, "edited", "withdrawn", False)]
    again()
    assert_sound()


def test_a_mall_that_calls_off_gives_back_itself(limit):
    mall = make_channel(kind="rakuten", currency=limit.currency)
    order = make_order((make_stock(on_hand=5).variant, 1), sales_channel=mall, currency=limit.currency, is_prepaid=True)
    record_payment(order_id=order.pk, amount=order.total)
    cancel_order(order_id=order.pk, reason="told by the mall")
    deliver()
    assert told() == []


@pytest.mark.parametrize("currency", ["KRW"], indirect=True)
def test_the_order_says_what_goes_back_and_what_is_to_be_paid_and_how(order, client):
    PaymentMethod.objects.create(code="bank", name="Bank", kind="bank_transfer", words="Bank transfer\n무통장")
    order.payment_method = "무통장"
    order.save(update_fields=["payment_method"])
    client.force_login(make_user(is_superuser=True))
    page = reverse("admin:orders_order_change", args=[order.pk])
    line = order.lines.order_by("position").last()
    change_order(order_id=order.pk, edit=OrderEdit(lines=[LineEdit(line_id=line.pk, quantity=2)]))
    text = client.get(page).content.decode()
    assert "The order became dearer: ₩1,000 is still to be paid, by bank transfer" in text

    cancel_order(order_id=order.pk, reason="changed my mind")
    deliver()
    text = client.get(page).content.decode()
    assert "became dearer" not in text
    assert f"₩{order.total:,} is to go back (RF-" in text


@pytest.mark.parametrize("currency", ["KRW"], indirect=True)
def test_one_press_of_the_second_person_approves_and_sends(order, limit, client):
    limit.alone_amount = 1
    limit.save()
    payment = ProviderPayment.objects.create(
        order=order, provider="manual", external_id="C-1", currency="KRW", authorised=order.total,
        captured=order.total, state="captured",
    )  # fmt: skip
    cancel_order(order_id=order.pk, reason="changed my mind")
    deliver()
    refund = Refund.objects.get()
    second = make_user(is_superuser=True)
    client.force_login(second)
    response = client.post(
        reverse("admin:payments_refund_press", args=[refund.pk, "approve_and_send"]), {"_key": "0" * 32}
    )
    assert response.status_code == 302
    refund.refresh_from_db()
    assert (refund.approved_by, refund.state, refund.sent_by, payment.provider) == (second, "sent", second, "manual")
