"""Pages of returns to suppliers: begun from a receipt, a hold or the health of stock; sent, credited, printed."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse

from inventory.models import StockHold, StockItem
from purchasing.admin.health import remedy_url
from purchasing.models import GoodsReceipt, PriceBreak, Remedy, StockHealth, SupplierReturn
from purchasing.services import (
    InvoiceHead,
    InvoiceLine,
    PiecesBack,
    ReceivedLine,
    draft_supplier_return,
    enter_invoice,
    receive_goods,
)
from staff.models import Role
from tests.admin.pressing import press, said
from tests.factories import make_stock, make_user, make_variant, make_warehouse
from tests.purchasing.making import make_purchase_order, make_supplier, make_supplier_item

pytestmark = pytest.mark.django_db


def enter_as(client, *roles):
    call_command("sync_roles", verbosity=0)
    user = make_user()
    user.groups.set(Group.objects.filter(name__in=roles))
    client.force_login(user)
    return user


@pytest.fixture
def receipt():
    variant = make_variant(sku="CUP-1")
    order = make_purchase_order((variant, 10), unit_price=43_210, supplier=make_supplier(language="ja", name="Cups"))
    line = ReceivedLine(line_id=order.lines.get().pk, accepted=7, damaged=3)
    return receive_goods(order_id=order.pk, lines=[line])


def page_of(document):
    return reverse("admin:purchasing_supplierreturn_change", args=[document.pk])


def test_damaged_pieces_of_a_receipt_go_back_and_are_credited(client, receipt):
    enter_as(client, Role.EC_MANAGER)
    hold = StockHold.objects.get()
    start = f"{reverse('admin:purchasing_new_return')}?receipt={receipt.pk}"
    assert start in client.get(reverse("admin:purchasing_goodsreceipt_change", args=[receipt.pk])).content.decode()
    shown = client.get(start).content.decode()
    assert f'name="pieces_h{hold.pk}" value="3"' in shown
    assert f'name="price_h{hold.pk}" value="43210"' in shown
    assert "Damaged on arrival" in shown
    typed = {f"pieces_h{hold.pk}": "2", f"price_h{hold.pk}": "43,000", "reason": "Broken", "_key": "a"}
    answer = client.post(start, {**typed, "command": "save"})
    document = SupplierReturn.objects.get()
    assert answer.url == page_of(document)
    assert client.post(start, {**typed, "command": "save"}).url == answer.url  # pressed twice
    assert list(document.lines.values_list("hold", "quantity", "unit_price")) == [(hold.pk, 2, 43_000)]
    assert "86,000" in client.get(page_of(document)).content.decode()
    assert said(press(client, document, "send")) == [f"{document.number} is sent: 2 pieces left stock."]
    assert StockItem.objects.get().on_hand == 8
    assert "The supplier owes a credit note of ₩86,000." in client.get(page_of(document)).content.decode()
    note = {"credit_number": "CN-7", "amount": "80,000", "credited_on": "2026-11-20"}
    assert said(press(client, document, "credit", **note)) == [f"{document.number} is credited with ₩80,000."]
    assert "The credit note is ₩6,000 less than expected." in client.get(page_of(document)).content.decode()


def test_searching_keeps_what_was_typed_and_a_refusal_too(client, receipt):
    enter_as(client, Role.MERCHANDISER)
    hold, variant_id = StockHold.objects.get(), receipt.order.lines.get().variant_id
    start = f"{reverse('admin:purchasing_new_return')}?hold={hold.pk}"
    found = client.post(start, {f"pieces_h{hold.pk}": "1", "reason": "Why", "q": "cup", "command": "find"})
    shown = found.content.decode()
    assert f'name="pieces_h{hold.pk}" value="1"' in shown
    assert f'name="pieces_v{variant_id}_0"' in shown
    assert 'value="Why"' in shown
    refused = client.post(start, {f"pieces_h{hold.pk}": "x", "reason": "Why", "command": "save"})
    assert "A quantity cannot be used" in refused.content.decode()
    assert 'value="x"' in refused.content.decode()
    assert SupplierReturn.objects.count() == 0


def test_what_does_not_sell_goes_back_to_who_delivered_it(client, receipt):
    enter_as(client, Role.EC_MANAGER)
    variant = receipt.order.lines.get().variant
    row = StockHealth(variant=variant, on_hand=10, remedy=Remedy.SEND_BACK)
    url = remedy_url(row)
    assert url == f"{reverse('admin:purchasing_new_return')}?variant={variant.pk}&quantity=10"
    shown = client.get(url).content.decode()
    assert f'<option value="{receipt.order.supplier_id}" selected>' in shown
    assert f'name="pieces_v{variant.pk}_0" value="7"' in shown  # three of the ten are held
    elsewhere = client.get(f"{url}&warehouse={make_warehouse().pk}").content.decode()
    assert f'name="pieces_v{variant.pk}_0" value=""' in elsewhere
    for wrong in ("receipt=0", "hold=x", "variant=x"):
        assert client.get(f"{reverse('admin:purchasing_new_return')}?{wrong}").status_code == 404


def test_what_was_never_bought_costs_what_the_price_list_asks(client):
    enter_as(client, Role.MERCHANDISER)
    item = make_supplier_item(make_variant())
    PriceBreak.objects.create(item=item, starts_on="2026-01-01", price=700)
    stock = make_stock(item.variant, on_hand=5)
    page = f"{reverse('admin:purchasing_new_return')}?variant={item.variant_id}&quantity=2"
    assert f'name="price_v{item.variant_id}_0" value="700"' in client.get(page).content.decode()
    typed = {f"pieces_v{item.variant_id}_0": "2", "reason": "Slow", "_key": "a", "command": "save"}
    client.post(f"{page}&warehouse={stock.warehouse_id}", typed)
    assert SupplierReturn.objects.get().lines.get().unit_price == 700


def test_a_draft_is_edited_and_dropped(client, receipt):
    enter_as(client, Role.WAREHOUSE)
    hold = StockHold.objects.get()
    start = f"{reverse('admin:purchasing_new_return')}?receipt={receipt.pk}"
    page = client.get(start).content.decode()
    assert "43210" not in page
    assert f'name="price_h{hold.pk}"' not in page
    client.post(start, {f"pieces_h{hold.pk}": "1", "reason": "Broken", "_key": "a", "command": "save"})
    document = SupplierReturn.objects.get()
    assert document.lines.get().unit_price == 43_210  # what the order asked, unseen
    edit = reverse("admin:purchasing_return_lines", args=[document.pk])
    assert f'name="pieces_h{hold.pk}" value="1"' in client.get(edit).content.decode()
    client.post(edit, {f"pieces_h{hold.pk}": "3", "reason": "Broken cups", "command": "save"})
    document.refresh_from_db()
    assert (document.reason, document.lines.get().quantity) == ("Broken cups", 3)
    refused = client.post(edit, {"reason": "Broken cups", "command": "save"}).content.decode()
    assert "at least one" in refused
    assert document.lines.get().quantity == 3
    assert "43,210" not in client.get(page_of(document)).content.decode()
    assert press(client, document, "credit").status_code == 403
    press(client, document, "cancel")
    document.refresh_from_db()
    assert document.state == "cancelled"
    assert client.get(edit).url == page_of(document)


def test_the_paper_has_prices_for_who_may_see_them_only(client, receipt, monkeypatch):
    document = draft_of(receipt)
    papers = []

    def note(_name, data, *, language):
        papers.append((data, language))
        return b"%PDF"

    monkeypatch.setattr("purchasing.selectors.return_papers.render_pdf", note)
    url = reverse("admin:purchasing_return_pdf", args=[document.pk])
    for role in (Role.ACCOUNTANT, Role.WAREHOUSE):
        enter_as(client, role)
        assert client.get(url).status_code == 200
    (priced, language), (plain, _language) = papers
    assert (language, priced["number"]) == ("ja", document.number)
    assert [line["money"] for line in priced["lines"]] == [["₩43,210", "₩129,630"]]
    assert (plain["total"], [line["money"] for line in plain["lines"]]) == ("", [[]])


def test_the_paper_prints(client, receipt):
    enter_as(client, Role.ACCOUNTANT)
    answer = client.get(reverse("admin:purchasing_return_pdf", args=[draft_of(receipt).pk]))
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


def test_invoice_and_supplier_tell_of_the_return(client, receipt):
    enter_as(client, Role.EC_MANAGER)
    line = receipt.order.lines.get()
    head = InvoiceHead(number="I-1", invoiced_on=receipt.received_at.date(), currency="KRW", total=432_100)
    invoice = enter_invoice(
        supplier_id=receipt.order.supplier_id, head=head,
        lines=[InvoiceLine(order_line_id=line.pk, quantity=10, unit_price=43_210)],
    )  # fmt: skip
    document = draft_of(receipt)
    assert "I-1" in client.get(page_of(document)).content.decode()
    supplier_page = reverse("admin:purchasing_supplier_change", args=[receipt.order.supplier_id])
    assert document.number in client.get(supplier_page).content.decode()
    invoice_page = reverse("admin:purchasing_supplierinvoice_change", args=[invoice.pk])
    assert document.number not in client.get(invoice_page).content.decode()
    press(client, document, "send")
    assert "the credit note is still expected" in client.get(invoice_page).content.decode()


def test_an_undone_receipt_sends_nothing_back(client, receipt):
    enter_as(client, Role.EC_MANAGER)
    GoodsReceipt.objects.filter(pk=receipt.pk).update(undone_at=receipt.received_at, undo_reason="Test")
    assert client.get(f"{reverse('admin:purchasing_new_return')}?receipt={receipt.pk}").status_code == 404


def draft_of(receipt):
    hold = StockHold.objects.get()
    pieces = PiecesBack(variant_id=hold.stock_item.variant_id, quantity=3, hold_id=hold.pk)
    return draft_supplier_return(
        supplier_id=receipt.order.supplier_id, warehouse_id=receipt.warehouse_id, lines=[pieces], reason="Broken"
    )
