"""Every class of records that knows customers: what it holds is told, and an erasure leaves no name in it."""

import json

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accounting.models import IssuedDocument
from compliance.services import sync_rules
from crm.models import CustomerNote
from customers.models import Customer
from orders.models import OrderMessage, Payment
from payments.models import BankDeposit, DepositMatch
from privacy.models import Outcome
from privacy.policies import outcome_of
from privacy.records import record_class, record_classes
from returns.models import ReturnRequest
from tests.factories import make_customer, make_order
from voice.models import Review

pytestmark = pytest.mark.django_db
CLASSES = {
    "customers.profile", "orders.orders", "service.tickets", "payments.deposits", "accounting.papers", "returns.cases",
    "voice.reviews", "crm.notes",
}  # fmt: skip


def a_known_customer():
    """Make a customer whose name stands in every class but tickets and papers, which have tests of their own."""
    sync_rules()
    customer = make_customer(name="Hong", note="Hong is kind")
    order = make_order(customer=customer, status="shipped", jurisdiction="KR", country="KR", buyer_name="Hong")
    OrderMessage.objects.create(order=order, language="en", body="Dear Hong")
    now = timezone.now()
    payment = Payment.objects.create(order=order, kind="capture", amount=1, currency="KRW", paid_at=now)
    deposit = BankDeposit.objects.create(
        deposited_on=now.date(), amount=1, currency="KRW", payer_name="Hong", message="Hong pays", line_key="1",
        matched=1, state="matched",
    )  # fmt: skip
    DepositMatch.objects.create(deposit=deposit, order=order, amount=1, payment=payment)
    ReturnRequest.objects.create(
        number="RC-1", order=order, asked_at=now, asked_through="phone", currency="KRW", state="called_off",
        customer_note="Hong says", staff_note="Hong called",
    )  # fmt: skip
    Review.objects.create(
        sales_channel=order.sales_channel, external_id="1", customer=customer, rating=5, author_name="Hong",
        language="ko", written_at=now,
    )  # fmt: skip
    CustomerNote.objects.create(customer=customer, body="Hong likes blue")
    return customer


def test_all_classes_are_registered():
    assert {one.key for one in record_classes(Customer)} == CLASSES


@pytest.mark.parametrize("key", sorted(CLASSES))
def test_a_customer_of_whom_nothing_is_held(key):
    one = record_class(key)
    customer = make_customer(name="")
    held = one.holding(customer.pk, timezone.localdate())
    assert held.blocked == ""
    assert held.count == (1 if key == "customers.profile" else 0)
    assert one.erase(customer.pk) == 0


@pytest.mark.parametrize(
    ("key", "outcome"),
    [
        ("customers.profile", Outcome.DESTROYED),
        ("orders.orders", Outcome.RESTRICTED),
        ("payments.deposits", Outcome.RESTRICTED),
        ("returns.cases", Outcome.RESTRICTED),
        ("voice.reviews", Outcome.DESTROYED),
        ("crm.notes", Outcome.DESTROYED),
    ],
)
def test_what_is_held_is_told_and_no_name_is_left(key, outcome):
    one, customer = record_class(key), a_known_customer()
    today = timezone.localdate()
    held = one.holding(customer.pk, today)
    assert (held.blocked, outcome_of(held, today)) == ("", outcome)
    assert "Hong" in json.dumps(one.collect(customer.pk), cls=DjangoJSONEncoder)
    assert one.erase(customer.pk) > 0
    assert "Hong" not in json.dumps(one.collect(customer.pk), cls=DjangoJSONEncoder)


def test_messages_of_orders_say_no_name_either():
    customer = a_known_customer()
    record_class("orders.orders").erase(customer.pk)
    assert OrderMessage.objects.get().body == "–"


def test_papers_stay_as_they_were_issued():
    sync_rules()
    customer = make_customer()
    held = record_class("accounting.papers").holding(customer.pk, timezone.localdate())
    assert (held.stays, held.rule, IssuedDocument.objects.count()) == (
        True,
        "Issued papers stay as they were issued",
        0,
    )
