"""The pages of purchase orders: begin, write lines, hand in, approve; prices stay hidden from who may not see them."""

import pytest
from django.urls import reverse

from core.errors import InvalidInput
from purchasing.admin.drafting import read_pasted
from purchasing.models import PurchaseOrder
from tests.admin.pressing import press, said
from tests.factories import make_user, make_variant, make_warehouse
from tests.purchasing.making import make_purchase_order, make_supplier, make_supplier_item

pytestmark = pytest.mark.django_db
VIEW = ("purchasing.view_purchaseorder", "purchasing.view_supplier", "inventory.view_warehouse")
WRITE = (*VIEW, "purchasing.add_purchaseorder", "purchasing.change_purchaseorder", "purchasing.view_costs")


def signed_in(client, permissions):
    """Log a colleague with these permissions in."""
    user = make_user(permissions=permissions)
    client.force_login(user)
    return user


def test_an_order_is_begun_written_and_handed_in(client):
    signed_in(client, WRITE)
    supplier, warehouse = make_supplier(), make_warehouse()
    listed = make_supplier_item(make_variant(sku="L-1"), supplier, pack_size=6)
    make_variant(sku="P-1")
    data = {"supplier": supplier.pk, "warehouse": warehouse.pk, "note": "", "expected_on": "", "key": "abc"}
    answer = client.post(reverse("admin:purchasing_new_order"), data)
    order = PurchaseOrder.objects.get()
    assert answer.url == reverse("admin:purchasing_order_lines", args=[order.pk])
    assert client.post(reverse("admin:purchasing_new_order"), data).url == answer.url  # pressed twice
    assert "L-1" in client.get(answer.url).content.decode()
    lines = {f"quantity_{listed.variant_id}": "12", f"price_{listed.variant_id}": "1,500", "pasted": "P-1\t3\t200"}
    answer = client.post(answer.url, {**lines, "command": "submit"})
    order.refresh_from_db()
    assert (order.state, order.total) == ("to_approve", 18_600)
    assert list(order.lines.values_list("variant__sku", "quantity", "unit_price")) == [
        ("L-1", 12, 1500), ("P-1", 3, 200),
    ]  # fmt: skip
    assert PurchaseOrder.objects.count() == 1


def test_what_is_wrong_is_said_and_what_was_pasted_stays(client):
    signed_in(client, WRITE)
    order = make_purchase_order((make_variant(), 5), state="draft", approved_at=None, sent_at=None)
    page = reverse("admin:purchasing_order_lines", args=[order.pk])
    answer = client.post(page, {"pasted": "NO-SUCH 3", "command": "save"}).content.decode()
    assert "Nothing has the code NO-SUCH." in answer
    assert "NO-SUCH 3</textarea>" in answer
    assert order.lines.count() == 1


def test_pasted_codes_are_sku_barcode_or_the_suppliers_and_doubles_add_up():
    order = make_purchase_order(state="draft", approved_at=None, sent_at=None)
    one, two, three = make_variant(sku="A"), make_variant(barcode="4901234567894"), make_variant()
    make_supplier_item(three, order.supplier, code="S3")
    lines = read_pasted(order, "A 1\n4901234567894;2;90\nS3\t4\nA  5 70\n\n")
    assert [(line.variant_id, line.quantity, line.unit_price) for line in lines] == [
        (one.pk, 6, 70), (two.pk, 2, 90), (three.pk, 4, None),
    ]  # fmt: skip
    for text in ("A", "A 1 2 3", "A x", "A 1 y"):
        with pytest.raises(InvalidInput):
            read_pasted(order, text)


def test_who_may_not_see_costs_sees_no_price_and_writes_nothing(client):
    signed_in(client, [*VIEW, "purchasing.add_purchaseorder"])
    order = make_purchase_order((make_variant(), 5), unit_price=98_765, state="draft", approved_at=None, sent_at=None)
    page = client.get(reverse("admin:purchasing_purchaseorder_change", args=[order.pk])).content.decode()
    listed = client.get(reverse("admin:purchasing_purchaseorder_changelist") + "?tab=all").content.decode()
    assert order.number in listed
    for text in (page, listed):
        assert "98,765" not in text
        assert "493,825" not in text
    for name in ("purchasing_order_lines", "purchasing_order_pdf"):
        assert client.get(reverse(f"admin:{name}", args=[order.pk])).status_code == 403
    assert client.get(reverse("admin:purchasing_new_order")).status_code == 403


def test_somebody_else_approves_and_the_pdf_is_a_pdf(client):
    buyer = signed_in(client, [*WRITE, "purchasing.approve_purchaseorder"])
    order = make_purchase_order((make_variant(), 5), state="draft", approved_at=None, sent_at=None)
    press(client, order, "submit_order")
    order.refresh_from_db()
    assert (order.state, order.submitted_by) == ("to_approve", buyer)
    press(client, order, "approve")
    order.refresh_from_db()
    assert order.state == "to_approve"
    signed_in(client, [*WRITE, "purchasing.approve_purchaseorder"])
    assert said(press(client, order, "approve"))[-1] == f"{order.number} is approved."
    order.refresh_from_db()
    assert order.state == "approved"
    answer = client.get(reverse("admin:purchasing_order_pdf", args=[order.pk]))
    assert (answer["Content-Type"], b"".join(answer.streaming_content)[:5]) == ("application/pdf", b"%PDF-")
