"""Two people, or two workers, at the same purchase order at the same moment."""

import pytest
from django.utils import timezone

from core.models import EventRecord
from purchasing.models import PurchaseMail, PurchaseOrder, SupplierItem
from purchasing.services import (
    OrderLine,
    approve_purchase_order,
    cancel_purchase_order,
    create_purchase_order,
    mark_purchase_order_sent,
    save_supplier_item,
)
from purchasing.services.ordering.mailing import claim_order_mail
from tests.concurrency.race import race
from tests.factories import make_user, make_variant, make_warehouse
from tests.purchasing.making import make_purchase_order, make_supplier

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_who_approve_at_once_one_does():
    order = make_purchase_order((make_variant(), 1), state="to_approve", approved_at=None, sent_at=None)
    chiefs = [make_user(permissions=["purchasing.approve_purchaseorder"]) for _ in range(2)]

    results = race(
        *[lambda chief=chief: approve_purchase_order(order_id=order.pk, actor=chief).state for chief in chiefs]
    )

    assert sorted(result.kind for result in results) == ["done", "refused"]
    assert EventRecord.objects.filter(name="purchasing.purchase_order_approved").count() == 1


def test_one_key_pressed_twice_at_once_drafts_one_order():
    supplier, warehouse, variant = make_supplier(), make_warehouse(), make_variant()

    def draft():
        lines = [OrderLine(variant_id=variant.pk, quantity=3, unit_price=10)]
        return create_purchase_order(
            supplier_id=supplier.pk, warehouse_id=warehouse.pk, lines=lines, key="twice"
        ).number

    one, two = race(draft, draft)

    assert (one.kind, one) == ("done", two)
    assert PurchaseOrder.objects.count() == 1


def test_two_workers_claim_a_mail_once():
    order = make_purchase_order((make_variant(), 1), state="approved", sent_at=None)
    PurchaseMail.objects.create(order=order, address="a@example.com")
    now = timezone.now()

    results = race(*[lambda: claim_order_mail(now=now) is not None for _ in range(4)])

    assert sorted((result.kind, result.value) for result in results) == [("done", False)] * 3 + [("done", True)]
    assert PurchaseMail.objects.get().attempts == 1


def test_sent_and_cancelled_at_once_ends_in_one_story():
    order = make_purchase_order((make_variant(), 1), state="approved", sent_at=None)

    sent, cancelled = race(
        lambda: mark_purchase_order_sent(order_id=order.pk).state,
        lambda: cancel_purchase_order(order_id=order.pk, reason="race").state,
    )

    assert cancelled.kind == "done"
    assert sent.kind in {"done", "refused"}
    order.refresh_from_db()
    assert order.state == "cancelled"


def test_two_suppliers_preferred_at_once_leave_one():
    variant, suppliers = make_variant(), [make_supplier(), make_supplier()]

    results = race(
        *[
            lambda pk=supplier.pk: (
                save_supplier_item(supplier_id=pk, variant_id=variant.pk, changes={"is_preferred": True}).pk
            )
            for supplier in suppliers
        ]
    )

    assert {result.kind for result in results} == {"done"}
    assert SupplierItem.objects.filter(is_preferred=True).count() == 1
