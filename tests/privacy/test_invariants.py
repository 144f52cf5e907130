"""Invariants of personal data find what is planted."""

import pytest
from django.db import connection
from django.utils import timezone

from compliance.services import sync_rules
from core.verify import verify
from customers.models import Customer, IdentityKind
from customers.services import add_identity
from privacy.models import RecordDecision
from privacy.services import carry_out_decision, decide_erasure, open_data_request
from tests.factories import make_customer, make_order, make_user

pytestmark = pytest.mark.django_db

PLANTS = {
    "privacy.erasures_end_when_carried_out": "UPDATE privacy_recorddecision SET done_at = NULL",
    "privacy.restricted_is_whole_and_locked": "UPDATE privacy_restrictedrecord SET contents = 'plain'",
    "privacy.destroyed_when_due": "UPDATE privacy_restrictedrecord SET keep_until = current_date - 6",
    "customers.locked_identities_are_found": (
        "INSERT INTO customers_identity (customer_id, kind, scope, value, sealed, digest)"
        " SELECT id, 'email', '', 'a@example.com', '', 'abc' FROM customers_customer LIMIT 1"
    ),
    "customers.forgotten_have_no_identities": (
        "INSERT INTO customers_identity (customer_id, kind, scope, value)"
        " SELECT id, 'email', '', 'a@example.com' FROM customers_customer"
    ),
}


def an_erased_customer():
    """Make a customer with an order whose erasure is carried out: some is destroyed, some kept apart."""
    sync_rules()
    customer = make_customer()
    add_identity(customer_id=customer.pk, kind=IdentityKind.EMAIL, value="minjun@example.com")
    make_order(customer=customer, status="shipped", jurisdiction="KR", country="KR", buyer_name="Minjun")
    guard = make_user(permissions=("privacy.answer_datarequest", "privacy.decide_erasure"))
    request = open_data_request(
        model=Customer, subject_id=customer.pk, subject_label="Customer 1", kind="erasure", asked_at=timezone.now(),
        asked_through="letter", identity_check="known address", actor=guard,
    )  # fmt: skip
    decide_erasure(request_id=request.pk, actor=guard)
    for pk in RecordDecision.objects.values_list("pk", flat=True):
        carry_out_decision(decision_id=pk)


@pytest.mark.parametrize("name", PLANTS)
def test_each_rule_finds_its_breach(name):
    an_erased_customer()
    [sound] = verify(names=[name])
    assert sound.holds
    with connection.cursor() as cursor:
        cursor.execute(PLANTS[name])
    [broken] = verify(names=[name])
    assert not broken.holds
