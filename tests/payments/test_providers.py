"""Payments at providers: reserved, taken, let go, given back, once whatever becomes of the answers."""

import hashlib
import hmac
import json
import time

import pytest
from django.utils import timezone

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.events import deliver_due
from core.models import EventRecord
from inventory.models import StockItem
from orders.models import Order, Payment
from orders.services import cancel_order, confirm_orders, ship_order, ship_orders
from payments.models import (
    PaymentMethod,
    ProviderCall,
    ProviderEvent,
    ProviderPayment,
    ProviderTransaction,
    Refund,
    RefundLimit,
)
from payments.services import capture_payment, grant_refund, note_provider_payment, send_refund, void_payment
from payments.tasks import ask_providers, expire, handle_events, sync_payments
from tests.factories import make_order, make_stock, make_user
from tests.orders.stories import assert_sound
from tests.payments.providers import connected, running_bank

pytestmark = pytest.mark.django_db
CASES = [("stripe", "USD"), ("stripe", "KRW"), ("paypal", "EUR"), ("paypal", "JPY"), ("toss", "KRW")]


@pytest.fixture
def bank(settings):
    with running_bank() as found:
        settings.PAYMENT_PROVIDERS = connected(found.url)
        yield found


def make_paid(bank, provider="stripe", currency="KRW", *, captured=0, captures="at_once", pieces=4):
    """An order of 4 × 1000 minor units or more, whose payment the provider knows."""
    item = make_stock(on_hand=50)
    order = make_order((item.variant, pieces), currency=currency, is_prepaid=True, status="to_confirm")
    RefundLimit.objects.get_or_create(currency=currency, defaults={"agent_amount": 0, "alone_amount": 10**9})
    method, _new = PaymentMethod.objects.get_or_create(
        code=f"{provider}-{captures}",
        defaults={"name": "Card", "kind": "card", "provider": provider, "captures": captures},
    )
    number = f"N{order.pk}"
    bank.add(number, order.total, currency, captured=captured * order.total // 100 if captured else 0)
    payment = note_provider_payment(order_id=order.pk, provider=provider, external_id=number, method_id=method.pk)
    sync_payments()
    payment.refresh_from_db()
    return order, payment


def again():
    """Let the time of lost answers come."""
    ProviderCall.objects.filter(state__in=["asked", "unknown"]).update(due_at=timezone.now())
    ask_providers()
    sync_payments()


def state(payment):
    return ProviderPayment.objects.values_list("state", "authorised", "captured", "refunded").get(pk=payment.pk)


def paid(order):
    return Order.objects.values_list("paid_total", flat=True).get(pk=order.pk)


@pytest.mark.parametrize(("provider", "currency"), CASES[:4])
def test_reserved_taken_and_given_back_in_parts(bank, provider, currency):
    order, payment = make_paid(bank, provider, currency)
    total = order.total
    assert (state(payment), paid(order)) == (("authorised", total, 0, 0), 0)

    capture_payment(payment_id=payment.pk, key="c")
    capture_payment(payment_id=payment.pk, key="c")
    ask_providers()
    sync_payments()
    assert (state(payment), paid(order)) == (("captured", total, total, 0), total)

    refund = grant_refund(order_id=order.pk, amount=700, reason="damaged")
    assert send_refund(refund_id=refund.pk, key="s").state == "sending"
    assert paid(order) == total
    send_refund(refund_id=refund.pk, key="s")
    ask_providers()
    ask_providers()
    sync_payments()

    assert Refund.objects.get().state == "sent"
    assert (state(payment), paid(order)) == (("captured", total, total, 700), total - 700)
    assert bank.refunded(payment.external_id) == 700
    assert list(ProviderTransaction.objects.values_list("kind", "amount")) == [
        ("authorise", total), ("capture", total), ("refund", 700),
    ]  # fmt: skip
    assert_sound()


def test_toss_takes_at_once_and_cancels_in_parts(bank):
    order, payment = make_paid(bank, "toss", captured=100)
    assert (state(payment), paid(order)) == (("captured", 4000, 4000, 0), 4000)
    send_refund(refund_id=grant_refund(order_id=order.pk, amount=700).pk)
    ask_providers()
    sync_payments()
    assert (state(payment), paid(order), bank.refunded(payment.external_id)) == (
        ("captured", 4000, 4000, 700),
        3300,
        700,
    )
    assert_sound()


@pytest.mark.parametrize(("provider", "currency"), CASES)
@pytest.mark.parametrize("when", ["before", "after", "after, and the keys ran out"])
def test_a_lost_answer_is_looked_up_and_refunded_once(bank, provider, currency, when):
    order, payment = make_paid(bank, provider, currency, captured=100)
    refund = grant_refund(order_id=order.pk, amount=900)
    (bank.lose_before if when == "before" else bank.lose_after).add(bank.posts + 1)
    send_refund(refund_id=refund.pk)
    ask_providers()
    call = ProviderCall.objects.get()
    assert (call.state, Refund.objects.get().state, paid(order)) == ("unknown", "sending", order.total)

    ask_providers()  # not due yet
    assert ProviderCall.objects.get().attempts == 1
    bank.forgets = "keys" in when
    again()
    again()

    assert (ProviderCall.objects.get().state, Refund.objects.get().state) == ("answered", "sent")
    assert (bank.refunded(payment.external_id), paid(order)) == (900, order.total - 900)
    assert_sound()


def test_a_worker_that_died_after_asking_leaves_it_to_the_next(bank):
    order, payment = make_paid(bank, captured=100)
    send_refund(refund_id=grant_refund(order_id=order.pk, amount=900).pk)
    ProviderCall.objects.update(state="asked", attempts=1, due_at=timezone.now())
    ask_providers()
    assert (Refund.objects.get().state, bank.refunded(payment.external_id)) == ("sent", 900)
    assert_sound()


def test_what_the_provider_refuses_can_be_sent_by_hand(bank):
    order, payment = make_paid(bank, captured=100)
    bank.payments[payment.external_id]["captured"] = 100
    refund = grant_refund(order_id=order.pk, amount=900)
    send_refund(refund_id=refund.pk)
    ask_providers()
    refund.refresh_from_db()
    assert (refund.state, refund.failure, paid(order)) == ("failed", "charge_already_refunded", order.total)
    send_refund(refund_id=refund.pk, by_hand=True, method="Bank transfer")
    assert (Refund.objects.get().state, paid(order), bank.refunded(payment.external_id)) == ("sent", 3100, 0)


def test_no_single_payment_large_enough_is_said_and_nothing_changes(bank):
    order, _payment = make_paid(bank, captured=50)
    note_provider_payment(order_id=order.pk, provider="manual", external_id="points", amount=2000)
    capture_payment(payment_id=ProviderPayment.objects.get(provider="manual").pk)
    assert paid(order) == 4000
    refund = grant_refund(order_id=order.pk, amount=2001)
    with pytest.raises(InvalidInput, match="No single payment"):
        send_refund(refund_id=refund.pk)
    assert (Refund.objects.get().state, ProviderCall.objects.count()) == ("granted", 0)
    assert_sound()


def test_by_hand_is_written_at_once(bank):
    order = make_order((make_stock(on_hand=9).variant, 3), is_prepaid=True)
    RefundLimit.objects.create(currency="KRW", agent_amount=0, alone_amount=9999)
    payment = note_provider_payment(order_id=order.pk, provider="manual", external_id="C-7", amount=2000)
    with pytest.raises(InvalidInput):
        note_provider_payment(order_id=order.pk, provider="manual", external_id="C-8", amount=3001)
    assert state(payment) == ("authorised", 2000, 0, 0)
    capture_payment(payment_id=payment.pk, amount=500)
    void_payment(payment_id=payment.pk)
    assert (state(payment), paid(order)) == (("captured", 2000, 500, 0), 500)
    send_refund(refund_id=grant_refund(order_id=order.pk, amount=500).pk)
    assert (state(payment), paid(order)) == (("captured", 2000, 500, 500), 0)
    assert_sound()


def test_limits_of_taking_and_letting_go(bank):
    order, payment = make_paid(bank)
    for amount in (0, -1, order.total + 1):
        with pytest.raises(InvalidInput):
            capture_payment(payment_id=payment.pk, amount=amount)
    with pytest.raises(NotAllowed):
        capture_payment(payment_id=payment.pk, actor=make_user(permissions=["payments.void_payment"]))
    with pytest.raises(NotAllowed):
        void_payment(payment_id=payment.pk, actor=make_user(permissions=["payments.capture_payment"]))
    assert not ProviderCall.objects.exists()
    void_payment(payment_id=payment.pk)
    with pytest.raises(Conflict):
        capture_payment(payment_id=payment.pk)
    ask_providers()
    assert state(payment) == ("voided", order.total, 0, 0)
    with pytest.raises(InvalidTransition):
        capture_payment(payment_id=payment.pk)
    other = make_order((make_stock().variant, 1))
    with pytest.raises(Conflict):
        note_provider_payment(order_id=other.pk, provider="stripe", external_id=payment.external_id)


def test_money_is_taken_when_the_order_ships_and_let_go_when_it_is_cancelled(bank):
    order, payment = make_paid(bank, "paypal", "EUR", captures="on_shipping")
    confirm_orders(order_ids=[order.pk])
    ship_order(order_id=order.pk, quantities={order.lines.get().pk: 1})
    deliver_due()
    ask_providers()
    assert (state(payment), paid(order)) == (("authorised", 4000, 1000, 0), 1000)
    other, reserved = make_paid(bank, "stripe", "USD", captures="on_shipping")
    confirm_orders(order_ids=[other.pk])
    ship_orders(order_ids=[other.pk])
    off, free = make_paid(bank)
    cancel_order(order_id=off.pk, reason="x")
    for _turn in range(5):
        deliver_due()
    ask_providers()
    sync_payments()
    assert (state(reserved), paid(other)) == (("captured", 4000, 4000, 0), 4000)
    assert (state(free)[0], bank.payments[free.external_id]["void"]) == ("voided", 1)
    assert StockItem.objects.filter(on_hand=46).count() == 1
    assert_sound()


def test_what_the_ledger_refuses_stands_with_its_problem(bank):
    order, payment = make_paid(bank)
    cancel_order(order_id=order.pk, reason="x")
    bank.payments[payment.external_id]["captured"] = 4000
    ProviderPayment.objects.update(sync_wanted_at=timezone.now())
    sync_payments()
    payment.refresh_from_db()
    assert (payment.state, payment.captured, paid(order), Payment.objects.count()) == ("captured", 4000, 0, 0)
    assert payment.problem.startswith("The order is cancelled")


def test_reservations_end(bank):
    _order, payment = make_paid(bank)
    ProviderPayment.objects.update(expires_at=timezone.now())
    assert expire() == 1
    assert expire() == 0
    assert state(payment)[0] == "expired"
    with pytest.raises(InvalidTransition):
        capture_payment(payment_id=payment.pk)


def stripe_signature(body, *, secret="whsec_test", at=None):
    moment = str(int(time.time()) if at is None else at)
    mac = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"HTTP_STRIPE_SIGNATURE": f"t={moment},v1={mac}"}


def test_stripe_tells_once_and_strangers_tell_nothing(bank, client):
    order, payment = make_paid(bank)
    bank.payments[payment.external_id]["captured"] = 4000
    event = {"id": "evt_1", "type": "payment_intent.succeeded",
             "data": {"object": {"id": payment.external_id, "object": "payment_intent"}}}  # fmt: skip
    body = json.dumps(event).encode()
    url = "/hooks/payments/stripe/"
    for headers in ({}, stripe_signature(body, secret="other"), stripe_signature(body, at=1), stripe_signature(b"x")):
        assert client.post(url, body, content_type="application/json", **headers).status_code == 400
    assert client.post("/hooks/payments/nobody/", body, content_type="application/json").status_code == 400
    assert client.get(url).status_code == 405
    assert not ProviderEvent.objects.exists()

    for _turn in range(2):
        answer = client.post(url, body, content_type="application/json", **stripe_signature(body))
        assert answer.status_code == 200
        handle_events()
        sync_payments()

    kept = ProviderEvent.objects.get()
    assert (kept.outcome, kept.body, kept.headers) == ("asked", "", {})
    assert (state(payment), paid(order), Payment.objects.count()) == (("captured", 4000, 4000, 0), 4000, 1)
    assert_sound()


@pytest.mark.parametrize(("verifies", "outcome"), [(True, "asked"), (False, "not_own")])
def test_paypal_is_asked_whether_it_told(bank, client, verifies, outcome):
    _order, payment = make_paid(bank, "paypal", "EUR")
    bank.verifies = verifies
    related = {"related_ids": {"order_id": payment.external_id}}
    resource = {"id": "C-1", "supplementary_data": related}
    event = {"id": "WH-1", "event_type": "PAYMENT.CAPTURE.COMPLETED", "resource": resource}
    body, url = json.dumps(event), "/hooks/payments/paypal/"
    assert client.post(url, body, content_type="application/json").status_code == 400
    names = ("AUTH_ALGO", "CERT_URL", "TRANSMISSION_ID", "TRANSMISSION_SIG", "TRANSMISSION_TIME")
    headers = {f"HTTP_PAYPAL_{name}": "x1" for name in names}
    assert client.post(url, body, content_type="application/json", **headers).status_code == 200
    assert handle_events() == 1
    assert handle_events() == 0
    kept = ProviderEvent.objects.get()
    assert (kept.outcome, kept.body, kept.headers) == (outcome, "", {})


@pytest.mark.parametrize(("secret", "outcome"), [("ps_1", "asked"), ("other", "not_own"), ("", "asked")])
def test_the_secret_of_toss_is_compared(bank, client, secret, outcome):
    _order, payment = make_paid(bank, "toss", captured=100)
    data = {
        "paymentKey": payment.external_id,
        "orderId": "1",
        "status": "DONE",
        **({"secret": secret} if secret else {}),
    }
    body = json.dumps({"eventType": "PAYMENT_STATUS_CHANGED", "data": data})
    assert client.post("/hooks/payments/toss/", body, content_type="application/json").status_code == 200
    handle_events()
    assert ProviderEvent.objects.get().outcome == outcome


def test_nothing_secret_or_personal_is_logged_or_recorded(bank, caplog):
    order, _payment = make_paid(bank, captured=100)
    bank.lose_after.add(bank.posts + 1)
    send_refund(refund_id=grant_refund(order_id=order.pk, amount=1, note="for Kim").pk)
    ask_providers()
    said = caplog.text + json.dumps(list(EventRecord.objects.values_list("data", flat=True)))
    assert "provider did not answer" in said
    for word in ("sk_test", "whsec_test", "Authorization", order.recipient_name or "Kim", "Kim"):
        assert word not in said
