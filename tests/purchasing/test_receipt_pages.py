"""Pages of receipts, invoices and stock values, through the admin client."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse

from purchasing.models import GoodsReceipt, SupplierInvoice, VariantValue
from purchasing.services import value_movements
from staff.models import Role
from tests.factories import make_user, make_variant
from tests.purchasing.making import make_purchase_order

pytestmark = pytest.mark.django_db


def enter_as(client, *roles):
    call_command("sync_roles", verbosity=0)
    user = make_user()
    user.groups.set(Group.objects.filter(name__in=roles))
    client.force_login(user)


def test_goods_are_received_invoiced_and_valued_on_screen(client):
    enter_as(client, Role.ADMINISTRATOR, Role.ACCOUNTANT)
    order = make_purchase_order((make_variant(), 10), (make_variant(), 5), unit_price=1500)
    first, second = order.lines.all()
    gate = reverse("admin:purchasing_receive", args=[order.pk])
    counts = {"_key": "a", f"good_{first.pk}": "4", f"inspect_{first.pk}": "2", f"damaged_{second.pk}": "1"}
    answer = client.post(gate, counts)
    receipt = GoodsReceipt.objects.get()
    assert answer.url == reverse("admin:purchasing_goodsreceipt_change", args=[receipt.pk])
    assert client.post(gate, counts).url == answer.url
    assert GoodsReceipt.objects.count() == 1
    desk = reverse("admin:purchasing_enter_invoice", args=[order.pk])
    paper = {
        "_key": "b", "number": "I-7", "invoiced_on": "2026-11-02", f"quantity_{first.pk}": "6",
        f"price_{first.pk}": "1600", "total": "9600",
    }  # fmt: skip
    invoice_page = client.post(desk, paper).url
    assert SupplierInvoice.objects.get().state == "differs"
    while value_movements():
        pass
    value = VariantValue.objects.order_by("pk").first()
    pages = [
        gate,
        answer.url,
        desk,
        invoice_page,
        reverse("admin:purchasing_receipt_labels", args=[receipt.pk]),
        reverse("admin:purchasing_stock_value"),
        reverse("admin:purchasing_stock_value") + "?by=supplier",
        reverse("admin:purchasing_variantvalue_change", args=[value.pk]),
        reverse("admin:purchasing_purchaseorder_change", args=[order.pk]),
        reverse("admin:purchasing_supplier_change", args=[order.supplier_id]),
    ]
    assert [page for page in pages if client.get(page).status_code != 200] == []


def test_a_refusal_keeps_what_was_typed(client):
    enter_as(client, Role.ADMINISTRATOR)
    order = make_purchase_order((make_variant(), 5))
    line = order.lines.get()
    answer = client.post(
        reverse("admin:purchasing_receive", args=[order.pk]), {"_key": "a", f"good_{line.pk}": "7", "note": ""}
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "2 more than ordered" in page
    assert f'name="good_{line.pk}" value="7"' in page
    assert GoodsReceipt.objects.count() == 0


def test_who_receives_sees_no_costs(client):
    enter_as(client, Role.WAREHOUSE)
    order = make_purchase_order((make_variant(), 5), unit_price=98_765)
    line = order.lines.get()
    page = client.post(reverse("admin:purchasing_receive", args=[order.pk]), {"_key": "a", f"good_{line.pk}": "5"})
    assert "98,765" not in client.get(page.url).content.decode()
    for name in (
        "purchasing_stock_value",
        "purchasing_variantvalue_changelist",
        "purchasing_supplierinvoice_changelist",
    ):
        assert client.get(reverse(f"admin:{name}")).status_code == 403
    assert client.get(reverse("admin:purchasing_enter_invoice", args=[order.pk])).status_code == 403
