"""Purchase orders are drafted, changed, copied, handed in and approved."""

from datetime import date

import pytest
from django.utils import timezone

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from core.verify import verify
from purchasing.models import ApprovalLimit, PriceBreak, PurchaseOrder
from purchasing.selectors.terms import breaks_of, order_quantity, price_from
from purchasing.services import (
    OrderLine,
    approve_purchase_order,
    create_purchase_order,
    duplicate_purchase_order,
    edit_purchase_order,
    reopen_purchase_order,
    submit_purchase_order,
)
from tests.factories import make_user, make_variant, make_warehouse
from tests.purchasing.making import make_supplier, make_supplier_item

pytestmark = pytest.mark.django_db
BUYER = ("purchasing.add_purchaseorder", "purchasing.view_costs")


def names():
    """Return the names of what was recorded about purchase orders."""
    return list(
        EventRecord.objects.filter(name__startswith="purchasing.").order_by("pk").values_list("name", flat=True)
    )


def draft(*lines, supplier=None, **over):
    """Draft an order of (variant, quantity, price) lines."""
    return create_purchase_order(
        supplier_id=(supplier or make_supplier()).pk,
        warehouse_id=over.pop("warehouse", None) or make_warehouse().pk,
        lines=[OrderLine(variant_id=v.pk, quantity=quantity, unit_price=price) for v, quantity, price in lines],
        **over,
    )


def test_a_line_without_a_price_gets_the_break_of_today_and_the_suppliers_words():
    variant, other = make_variant(), make_variant()
    item = make_supplier_item(variant, code="AB-1", name="Their shirt")
    today = timezone.localdate()
    for quantity, price in [(1, 1000), (50, 900)]:
        PriceBreak.objects.create(item=item, from_quantity=quantity, starts_on=today, price=price)
    buyer = make_user(permissions=BUYER)
    order = draft((variant, 60, None), (other, 2, 300), supplier=item.supplier, actor=buyer)
    assert (order.state, order.currency, order.total, order.created_by) == ("draft", "KRW", 54_600, buyer)
    first, second = order.lines.all()
    assert (first.item, first.supplier_code, first.name, first.unit_price) == (item, "AB-1", "Their shirt", 900)
    assert (second.item, second.supplier_code, second.name) == (None, "", other.label)
    assert order.number == "PO-0000001"
    assert names() == ["purchasing.purchase_order_drafted"]
    assert all(finding.holds for finding in verify(names=["purchasing.order_total_equals_lines"]))


def test_the_same_key_answers_with_the_same_order_and_other_content_is_refused():
    variant, supplier, warehouse = make_variant(), make_supplier(), make_warehouse()
    lines = [OrderLine(variant_id=variant.pk, quantity=5, unit_price=10, expected_on=date(2026, 12, 1))]
    start = {"supplier_id": supplier.pk, "warehouse_id": warehouse.pk, "key": "k1"}
    first = create_purchase_order(**start, lines=lines)
    assert create_purchase_order(**start, lines=lines).pk == first.pk
    with pytest.raises(Conflict):
        create_purchase_order(**start, lines=[OrderLine(variant_id=variant.pk, quantity=6, unit_price=10)])
    assert PurchaseOrder.objects.count() == 1


@pytest.mark.parametrize(("quantity", "price"), [(0, 1), (-1, 1), (1, -1), (10_000_001, 1)])
def test_what_cannot_be_ordered_is_refused_and_leaves_nothing(quantity, price):
    with pytest.raises(InvalidInput):
        draft((make_variant(), quantity, price))
    assert PurchaseOrder.objects.count() == 0
    assert names() == []


def test_a_variant_twice_a_closed_supplier_and_a_closed_warehouse_are_refused():
    variant = make_variant()
    with pytest.raises(InvalidInput, match="twice"):
        draft((variant, 1, 1), (variant, 2, 1))
    with pytest.raises(InvalidInput, match="not active"):
        draft((variant, 1, 1), supplier=make_supplier(is_active=False))
    with pytest.raises(InvalidInput, match="warehouse"):
        draft((variant, 1, 1), warehouse=make_warehouse(is_active=False).pk)
    with pytest.raises(NotAllowed):
        draft((variant, 1, 1), actor=make_user(permissions=["purchasing.add_purchaseorder"]))
    assert PurchaseOrder.objects.count() == 0


def test_editing_keeps_rows_tells_what_changed_and_only_drafts_can_be_edited():
    kept, gone, new = make_variant(sku="A"), make_variant(sku="B"), make_variant(sku="C")
    order = draft((kept, 5, 10), (gone, 1, 7))
    row = order.lines.get(variant=kept)
    lines = [
        OrderLine(variant_id=kept.pk, quantity=6, unit_price=10),
        OrderLine(variant_id=new.pk, quantity=2, unit_price=5),
    ]
    edited = edit_purchase_order(order_id=order.pk, lines=lines, changes={"note": "By sea"})
    assert (edited.total, edited.note) == (70, "By sea")
    assert order.lines.get(variant=kept).pk == row.pk
    record = EventRecord.objects.filter(name="purchasing.purchase_order_edited").get()
    assert record.data == {
        "order_id": order.pk, "added": ["C"], "changed": ["A"], "removed": ["B"], "fields": ["note"],
    }  # fmt: skip
    edit_purchase_order(order_id=order.pk, lines=lines)
    assert EventRecord.objects.filter(name="purchasing.purchase_order_edited").count() == 1
    submit_purchase_order(order_id=order.pk)
    with pytest.raises(InvalidTransition):
        edit_purchase_order(order_id=order.pk, lines=[])
    assert order.lines.count() == 2


def test_below_the_limit_it_is_approved_at_once_above_it_somebody_else_approves():
    ApprovalLimit.objects.create(currency="KRW", amount=1000)
    buyer = make_user(permissions=[*BUYER, "purchasing.approve_purchaseorder"])
    chief = make_user(permissions=["purchasing.approve_purchaseorder"])
    small, large = draft((make_variant(), 1, 1000)), draft((make_variant(), 1, 1001))
    assert submit_purchase_order(order_id=small.pk, actor=buyer).state == "approved"
    assert submit_purchase_order(order_id=large.pk, actor=buyer).state == "to_approve"
    with pytest.raises(NotAllowed, match="Somebody else"):
        approve_purchase_order(order_id=large.pk, actor=buyer)
    large.refresh_from_db()
    assert (large.state, large.approved_by) == ("to_approve", None)
    approved = approve_purchase_order(order_id=large.pk, actor=chief)
    assert (approved.state, approved.approved_by, approved.submitted_by) == ("approved", chief, buyer)
    with pytest.raises(InvalidTransition):
        approve_purchase_order(order_id=large.pk, actor=chief)
    reopened = reopen_purchase_order(order_id=large.pk, reason="Too many", actor=chief)
    assert (reopened.state, reopened.approved_by, reopened.approved_at) == ("draft", None, None)


def test_without_a_limit_each_order_needs_approval_and_a_price_must_be_known():
    order, unpriced, empty = draft((make_variant(), 1, 0)), draft((make_variant(sku="NP"), 1, None)), draft()
    assert submit_purchase_order(order_id=order.pk).state == "to_approve"
    with pytest.raises(InvalidInput, match="NP"):
        submit_purchase_order(order_id=unpriced.pk)
    with pytest.raises(InvalidInput, match="no lines"):
        submit_purchase_order(order_id=empty.pk)
    assert {row.state for row in PurchaseOrder.objects.exclude(pk=order.pk)} == {"draft"}


def test_a_copy_asks_the_same_at_todays_prices():
    item = make_supplier_item(make_variant())
    order = draft((item.variant, 4, 500), supplier=item.supplier)
    PriceBreak.objects.create(item=item, starts_on=date(2026, 1, 1), price=450)
    copy = duplicate_purchase_order(order_id=order.pk, key="c")
    assert duplicate_purchase_order(order_id=order.pk, key="c").pk == copy.pk
    assert (copy.state, copy.total, copy.lines.get().quantity) == ("draft", 1800, 4)
    assert copy.number == "PO-0000002"


def test_the_price_of_a_quantity_is_the_reached_break_of_the_latest_list():
    item = make_supplier_item(make_variant(), pack_size=6, minimum=10)
    rows = [(date(2026, 1, 1), 1, 100), (date(2026, 1, 1), 100, 80), (date(2026, 6, 1), 12, 110)]
    for starts_on, quantity, price in rows:
        PriceBreak.objects.create(item=item, starts_on=starts_on, from_quantity=quantity, price=price)
    breaks = breaks_of([item.pk])[item.pk]
    assert price_from(breaks, 5, date(2025, 12, 31)) is None
    assert [price_from(breaks, n, date(2026, 5, 31)) for n in (1, 99, 100)] == [100, 100, 80]
    assert [price_from(breaks, n, date(2026, 6, 1)) for n in (1, 12, 500)] == [110, 110, 110]
    assert [order_quantity(item, n) for n in (-1, 0, 1, 10, 12, 13)] == [0, 0, 12, 12, 12, 18]
