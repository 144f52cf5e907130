"""Two clerks refund one order at once, workers ask at once, and answers are lost: the provider gives back once."""

import random

import pytest
from django.utils import timezone

from orders.models import Order, Payment
from payments.models import ProviderCall, Refund, RefundLimit
from payments.services import grant_refund, note_provider_payment, send_refund
from payments.tasks import ask_providers, sync_payments
from tests.concurrency.race import race
from tests.factories import make_order, make_variant
from tests.orders.stories import assert_sound
from tests.payments.providers import connected, running_bank

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bank(settings):
    with running_bank() as found:
        settings.PAYMENT_PROVIDERS = connected(found.url)
        yield found


def make_taken(bank, number):
    order = make_order((make_variant(), 10), is_prepaid=True)
    bank.add(number, order.total, "KRW", captured=order.total)
    note_provider_payment(order_id=order.pk, provider="stripe", external_id=number)
    sync_payments()
    return order


def test_two_clerks_grant_and_send_at_once(bank):
    RefundLimit.objects.create(currency="KRW", agent_amount=0, alone_amount=99999)
    order = make_taken(bank, "N1")
    granted = race(*[lambda: grant_refund(order_id=order.pk, amount=6000).pk] * 3)
    assert sorted(result.kind for result in granted) == ["done", "refused", "refused"]
    refund = Refund.objects.get()
    sent = race(*[lambda n=n: send_refund(refund_id=refund.pk, key=f"clerk-{n}").state for n in range(3)])
    assert [result.value for result in sent] == ["sending"] * 3
    race(ask_providers, ask_providers, ask_providers)
    assert (Refund.objects.get().state, ProviderCall.objects.count(), bank.refunded("N1")) == ("sent", 1, 6000)
    assert Payment.objects.filter(kind="refund").count() == 1
    assert_sound()


def test_a_tenth_of_the_answers_is_lost_and_each_refund_goes_once(bank):
    RefundLimit.objects.create(currency="KRW", agent_amount=0, alone_amount=99999)
    orders = [make_taken(bank, f"N{n}") for n in range(4)]
    for order in orders:
        for _part in range(5):
            send_refund(refund_id=grant_refund(order_id=order.pk, amount=1500).pk)
    chance = random.Random(14)
    bank.lose_before = {post for post in range(1, 60) if chance.random() < 0.1}
    bank.lose_after = {post for post in range(1, 60) if chance.random() < 0.1}
    assert bank.lose_before
    assert bank.lose_after
    for _turn in range(6):
        race(ask_providers, ask_providers)
        ProviderCall.objects.filter(state__in=["asked", "unknown"]).update(due_at=timezone.now())
    sync_payments()
    assert set(Refund.objects.values_list("state", flat=True)) == {"sent"}
    assert [bank.refunded(f"N{n}") for n in range(4)] == [7500] * 4
    assert set(Order.objects.values_list("paid_total", flat=True)) == {2500}
    assert_sound()
