"""Two people who merge the same customers at once: one merges, the other one is told."""

import pytest

from crm.models import Merge
from crm.services.merging import keep_apart, merge_customers
from orders.models import Order
from tests.concurrency.race import race
from tests.factories import make_customer, make_order, make_user, make_variant

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_merge_the_same_two_customers_from_both_ends():
    first, second = make_customer(), make_customer()
    for customer in (first, second):
        make_order((make_variant(), 1), customer=customer)
    boss = make_user(permissions=["crm.merge_customer"])
    results = race(
        lambda: merge_customers(survivor_id=first.pk, absorbed_id=second.pk, actor=boss).survivor_id,
        lambda: merge_customers(survivor_id=second.pk, absorbed_id=first.pk, actor=boss).survivor_id,
    )
    assert sorted(result.kind for result in results) == ["done", "refused"], results
    [winner] = [result.value for result in results if result.kind == "done"]
    assert set(Order.objects.values_list("customer", flat=True)) == {winner}
    assert Merge.objects.get().survivor_id == winner


def test_merging_and_keeping_apart_at_once_leaves_one_truth():
    first, second = make_customer(), make_customer()
    boss = make_user(permissions=["crm.merge_customer"])
    results = race(
        lambda: merge_customers(survivor_id=first.pk, absorbed_id=second.pk, actor=boss).pk,
        lambda: keep_apart(first_id=first.pk, second_id=second.pk, actor=boss).pk,
    )
    assert sorted(result.kind for result in results) == ["done", "refused"], results
