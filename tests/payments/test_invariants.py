"""Invariants of payments find what is planted."""

import pytest
from django.db import connection
from django.utils import timezone

from core.models import Delivery
from core.verify import invariants, verify
from orders.services import record_payment
from payments.models import RefundLimit
from payments.services import capture_payment, grant_refund, note_provider_payment, send_refund
from payments.services.deposits.matching import match_deposit
from payments.services.deposits.taking import BankLine, take_deposits
from tests.factories import make_order, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> None:
    """An order with a refund sent and one granted for its line."""
    order = make_order((make_variant(), 5))
    RefundLimit.objects.create(currency="KRW", agent_amount=0, alone_amount=99999)
    record_payment(order_id=order.pk, amount=5000)
    send_refund(refund_id=grant_refund(order_id=order.pk, amount=1000).pk)
    grant_refund(order_id=order.pk, amount=2000, lines={order.lines.get().pk: 1500})
    taken = note_provider_payment(
        order_id=make_order((make_variant(), 5)).pk, provider="manual", external_id="C-1", amount=5000
    )
    capture_payment(payment_id=taken.pk, amount=700)
    line = {"account": "1", "deposited_on": timezone.localdate(), "currency": "KRW", "payer_name": "Kim"}
    [(deposit, _new)] = take_deposits(lines=[BankLine(**line, amount=5000)])
    match_deposit(deposit_id=deposit.pk, amounts={make_order((make_variant(), 5)).pk: 5000})
    Delivery.objects.update(done_at=timezone.now())


PLANTS = {
    "payments.grants_within_paid": "UPDATE payments_refund SET amount = 4001 WHERE state = 'granted'",
    "payments.sent_equals_ledger": "UPDATE payments_refund SET amount = 999 WHERE state = 'sent'",
    "payments.refund_lines_within": "UPDATE payments_refundline SET amount = 2001",
    "payments.refund_numbers_below_sequence": (
        "UPDATE core_sequence SET next_value = 2 WHERE name = 'payments.refund'"
    ),
    "payments.counters_equal_transactions": "UPDATE payments_providerpayment SET captured = 701",
    "payments.transactions_equal_ledger": (
        "UPDATE payments_providertransaction SET ledger_id = NULL WHERE kind = 'capture'"
    ),
    "payments.deposits_equal_matches": "UPDATE payments_depositmatch SET amount = 4999",
    "payments.sending_is_asked": "UPDATE payments_refund SET state = 'sending' WHERE state = 'granted'",
}


def test_every_rule_has_its_breach():
    assert {row.name for row in invariants() if row.name.startswith("payments.")} == set(PLANTS)


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_breach_is_found(books, name):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        assert all(finding.holds for finding in verify(names=list(PLANTS)))
        cursor.execute(PLANTS[name])
    [finding] = verify(names=[name])
    assert finding.count == 1
