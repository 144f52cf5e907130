"""Two buyers, one need."""

import pytest

from purchasing.models import PurchaseOrder, PurchaseOrderLine
from purchasing.services.replenishing.deciding import order_proposals
from tests.concurrency.race import race
from tests.purchasing.making import make_supplier
from tests.purchasing.test_deciding import make_proposal

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_buyers_at_once_order_the_same_proposals_once():
    supplier = make_supplier()
    ids = [make_proposal(supplier).pk, make_proposal(supplier).pk]

    def order() -> int:
        return len(order_proposals(proposal_ids=ids))

    results = race(order, order)

    assert sorted(result.kind for result in results) == ["done", "refused"], results
    assert (PurchaseOrder.objects.count(), PurchaseOrderLine.objects.count()) == (1, 2)
