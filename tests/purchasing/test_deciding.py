"""What people make of proposals."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from inventory.models import Warehouse
from purchasing.models import PurchaseOrder, PurchaseOrderLine, ReorderProposal
from purchasing.services.replenishing.deciding import dismiss_proposals, order_proposals, snooze_proposals
from purchasing.services.replenishing.explaining import explain
from tests.factories import make_user, make_variant, make_warehouse
from tests.purchasing.making import make_supplier, make_supplier_item

pytestmark = pytest.mark.django_db
BUYER = ("purchasing.add_purchaseorder", "purchasing.view_costs")


def make_proposal(supplier=None, **over):
    variant = make_variant()
    warehouse = Warehouse.objects.first() or make_warehouse()
    item = make_supplier_item(variant, supplier) if supplier is not False else None
    row = {"variant": variant, "warehouse": warehouse, "item": item, "quantity": 12, "reorder_point": 20, "position": 9}
    return ReorderProposal.objects.create(**{**row, **over})


def test_one_purchase_order_for_each_supplier():
    first, second = make_supplier(), make_supplier()
    one, two, three = make_proposal(first), make_proposal(first), make_proposal(second)
    buyer = make_user(permissions=BUYER)
    orders = order_proposals(proposal_ids=[three.pk, two.pk, one.pk], quantities={two.pk: 30}, actor=buyer)
    assert [(order.supplier, order.state) for order in orders] == [(first, "draft"), (second, "draft")]
    lines = PurchaseOrderLine.objects.order_by("pk").values_list("order__supplier", "variant", "quantity")
    assert list(lines) == [
        (first.pk, one.variant_id, 12),
        (first.pk, two.variant_id, 30),
        (second.pk, three.variant_id, 12),
    ]
    one.refresh_from_db()
    assert (one.state, one.decided_by, one.order_line.order) == ("ordered", buyer, orders[0])


def test_ordered_once():
    proposal = make_proposal(make_supplier())
    order_proposals(proposal_ids=[proposal.pk])
    with pytest.raises(InvalidTransition):
        order_proposals(proposal_ids=[proposal.pk])
    assert PurchaseOrder.objects.count() == 1


def test_what_nobody_sells_cannot_be_ordered_and_nothing_is():
    known, nameless = make_proposal(make_supplier()), make_proposal(supplier=False)
    with pytest.raises(InvalidInput, match=nameless.variant.sku):
        order_proposals(proposal_ids=[known.pk, nameless.pk])
    assert (PurchaseOrder.objects.count(), ReorderProposal.objects.filter(state="open").count()) == (0, 2)


@pytest.mark.parametrize("permissions", [(), BUYER[:1], BUYER[1:]])
def test_only_buyers_decide(permissions):
    proposal = make_proposal(make_supplier())
    user = make_user(permissions=permissions)
    later = timezone.localdate() + timedelta(days=3)
    with pytest.raises(NotAllowed):
        order_proposals(proposal_ids=[proposal.pk], actor=user)
    with pytest.raises(NotAllowed):
        snooze_proposals(proposal_ids=[proposal.pk], until=later, actor=user)
    with pytest.raises(NotAllowed):
        dismiss_proposals(proposal_ids=[proposal.pk], reason="No", actor=user)
    proposal.refresh_from_db()
    assert (proposal.state, PurchaseOrder.objects.count()) == ("open", 0)


def test_later_and_no():
    one, two = make_proposal(make_supplier()), make_proposal(make_supplier())
    with pytest.raises(InvalidInput):
        snooze_proposals(proposal_ids=[one.pk], until=timezone.localdate())
    with pytest.raises(InvalidInput):
        dismiss_proposals(proposal_ids=[two.pk], reason=" ")
    until = timezone.localdate() + timedelta(days=7)
    assert snooze_proposals(proposal_ids=[one.pk], until=until) == 1
    assert dismiss_proposals(proposal_ids=[two.pk], reason="Out of season") == 1
    rows = ReorderProposal.objects.order_by("pk").values_list("state", "snoozed_until", "note")
    assert list(rows) == [("snoozed", until, ""), ("dismissed", None, "Out of season")]


def test_explained_line_by_line():
    figures = {
        "daily": 4.0, "deviation": 2.5, "is_known": True, "lead_days": 9.0, "lead_deviation": 1.5, "lead_count": 5,
        "percent": 95.0, "is_fixed": False, "safety": 10, "reorder_point": 46, "order_up_to": 158, "available": 30,
        "waiting": 2, "drafted": 6, "incoming": [["PO-7", 24, "2026-12-03"], ["T-1", 3, None]], "position": 61,
        "wanted": 128, "pack_size": 6, "minimum": 12, "unit_price": None, "notes": ["pack"], "lasts_days": 33,
    }  # fmt: skip
    proposal = make_proposal(make_supplier(), quantity=132, figures=figures)
    with translation.override("en"):
        assert explain(proposal) == [
            "Sells 4 a day, give or take 2.5.",
            "An order takes 9 ± 1.5 days, measured on 5 deliveries.",
            "For a service level of 95 % the safety stock is 10; the reorder point is 46.",
            (
                "30 available + 24 from PO-7 on 2026-12-03 + 3 from T-1, no day known + 6 on orders not sent yet"
                " − 2 that customers wait for = 61"
            ),
            "Up to 158 pieces: 128 are missing.",
            "22 packs of 6.",
            "That lasts 33 days.",
        ]
