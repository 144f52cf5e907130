"""Suppliers' price lists as files: matched, previewed, undone, and closed to people who may not see costs."""

from datetime import date

import pytest
import tablib
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from core.models import TableImport
from purchasing.admin.resources import (
    PriceListResource,
    PurchaseOrderLineResource,
    PurchaseOrderResource,
    SupplierResource,
)
from purchasing.models import PriceBreak, PurchaseOrder, PurchaseOrderLine, Supplier, SupplierItem
from tests.factories import make_user, make_variant
from tests.purchasing.making import make_purchase_order, make_supplier, make_supplier_item

pytestmark = pytest.mark.django_db


def run(headers, *rows, dry_run=False):
    """Import rows as the page does and return the result."""
    return PriceListResource().import_data(tablib.Dataset(*rows, headers=headers), dry_run=dry_run)


def prices():
    """Return (SKU, from quantity, day, price) of all breaks."""
    rows = PriceBreak.objects.order_by("item__variant__sku", "starts_on", "from_quantity")
    return list(rows.values_list("item__variant__sku", "from_quantity", "starts_on", "price"))


def test_items_and_breaks_come_by_sku_barcode_and_the_suppliers_code():
    supplier = make_supplier(code="acme", currency="USD")
    one, two, three = (make_variant(sku=sku) for sku in ("A-1", "A-2", "A-3"))
    two.barcode = "4901234567894"
    two.save(update_fields=["barcode"])
    make_supplier_item(three, supplier, code="X-3")
    result = run(
        ["supplier", "sku", "code", "pack_size", "minimum", "from_quantity", "price", "starts_on"],
        ["acme", "A-1", "X-1", "6", "12", "1", "10.50", "2026/01/01"],
        ["acme", "A-1", "X-1", "6", "12", "60", "9.9", "2026-01-01"],
        ["acme", "4901234567894", "X-2", "", "", "", "3", ""],
        ["acme", "", "X-3", "", "", "5", "7.25", "2026-02-01"],
    )
    assert [row.errors for row in result.rows if row.errors] == []
    assert prices() == [
        ("A-1", 1, date(2026, 1, 1), 1050),
        ("A-1", 60, date(2026, 1, 1), 990),
        ("A-2", 1, timezone.localdate(), 300),
        ("A-3", 5, date(2026, 2, 1), 725),
    ]
    item = SupplierItem.objects.get(variant=one)
    assert (item.code, item.pack_size, item.minimum) == ("X-1", 6, 12)


def test_what_cannot_be_read_is_refused_alone_and_a_preview_writes_nothing():
    make_supplier(code="acme")
    make_variant(sku="A-1"), make_variant(sku="A-2")
    headers = ["supplier", "sku", "price"]
    run(headers, ["acme", "A-1", "100"], dry_run=True)
    assert prices() == []
    run(headers, ["acme", "A-1", "much"], ["acme", "A-2", "200"], ["nobody", "A-2", "1"], ["acme", "NO", "1"])
    assert prices() == [("A-2", 1, timezone.localdate(), 200)]
    assert SupplierItem.objects.count() == 1


def test_the_export_can_be_imported_again_and_changes_nothing():
    item = make_supplier_item(make_variant(sku="B-1"), make_supplier(code="acme"), code="C")
    PriceBreak.objects.create(item=item, from_quantity=10, starts_on=date(2026, 3, 1), price=1200)
    file = PriceListResource().export()
    assert dict(zip(file.headers, file[0], strict=True)) | {"price": "1200"} == {
        "supplier": "acme", "sku": "B-1", "code": "C", "name": "", "pack_size": 1, "minimum": 1, "lead_days": "",
        "shelf_life_days": "", "is_preferred": 1, "is_active": 1, "from_quantity": 10, "starts_on": "2026-03-01",
        "price": "1200",
    }  # fmt: skip
    again = run(file.headers, *[[str(cell) for cell in row] for row in file])
    assert [row.import_type for row in again.rows] == ["skip"]
    assert prices() == [("B-1", 10, date(2026, 3, 1), 1200)]


def test_files_hide_costs_and_contacts_from_people_who_may_not_see_them():
    item = make_supplier_item(make_variant(), make_supplier(code="acme", email="kim@example.com", phone="02-123-4567"))
    PriceBreak.objects.create(item=item, starts_on=date(2026, 3, 1), price=1200)
    make_purchase_order((item.variant, 2), supplier=item.supplier)
    viewer = make_user(permissions=["core.export_data", "purchasing.view_purchaseorder"])
    buyer = make_user(permissions=["purchasing.view_costs"])
    for resource, column in [(PurchaseOrderResource, "total"), (PurchaseOrderLineResource, "unit_price")]:
        assert column not in resource(user=viewer).export().headers
        assert column in resource(user=buyer).export().headers
    assert PriceListResource(user=viewer).export()["price"] == [""]
    assert SupplierResource(user=viewer).export()["email"] == ["k***@example.com"]
    assert (Supplier.objects.count(), PurchaseOrder.objects.count(), PurchaseOrderLine.objects.count()) == (1, 1, 1)


def test_from_the_suppliers_page_the_file_needs_no_column_of_suppliers(client):
    client.force_login(make_user(is_superuser=True))
    supplier = make_supplier(code="acme")
    make_supplier(code="other")
    make_variant(sku="A-1")
    page = f"{reverse('admin:purchasing_supplieritem_import')}?supplier=acme"
    assert page in client.get(reverse("admin:purchasing_supplier_change", args=[supplier.pk])).content.decode()
    assert '<option value="acme" selected>' in client.get(page).content.decode()

    def upload(text):
        file = SimpleUploadedFile("list.csv", text.encode())
        return client.post(page, {"file": file, "blanks": "keep", "mode": "rows", "supplier": "acme"})

    refused = upload("supplier,sku,price\nother,A-1,900\n").content.decode()
    assert "The file names the supplier “other”, chosen is “acme”." in refused
    assert TableImport.objects.count() == 0
    for text, price in (("sku,price\nA-1,900\n", 900), ("supplier,sku,price\n,A-1,950\n", 950)):
        answer = upload(text)
        assert client.get(answer.url).status_code == 200
        client.post(answer.url, {"do": "start"})
        assert prices() == [("A-1", 1, timezone.localdate(), price)]
    assert SupplierItem.objects.get().supplier == supplier
