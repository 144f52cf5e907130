"""Pages of papers: issued from the order, listed, downloaded by right only, taken back."""

import re
from io import BytesIO

import pypdfium2
import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounting.admin.documents import MOST_PAPERS
from accounting.models import IssuedDocument, Seller
from accounting.services import Recipient, Wish, issue_document
from core.models import EventRecord
from orders.models import Order
from staff.models import Role
from tests.accounting.making import make_sale, make_seller
from tests.admin.pressing import press, press_many, said
from tests.factories import make_user, make_variant

pytestmark = pytest.mark.django_db


def enter_as(client, *roles):
    call_command("sync_roles", verbosity=0)
    user = make_user()
    user.groups.set(Group.objects.filter(name__in=roles))
    client.force_login(user)
    return user


def pdf_url(document):
    return reverse("admin:accounting_document_pdf", args=[document.pk])


def test_an_accountant_bills_downloads_and_takes_back(client):
    enter_as(client, Role.ACCOUNTANT)
    make_seller("JP")
    order = make_sale((make_variant(), 2, 2200), country="JP")
    answer = press(client, order, "issue_invoice", kind="invoice", recipient="Hana Co", language="en")
    document = IssuedDocument.objects.get()
    assert said(answer) == [f"Invoice {document.number} is issued."]
    page = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert document.number in page
    assert pdf_url(document) in page
    pdf = b"".join(client.get(pdf_url(document)).streaming_content)
    assert len(pypdfium2.PdfDocument(pdf)) == 1
    press(client, document, "take_back", reason="Wrong name", record="")
    assert IssuedDocument.objects.get(corrects=document).gross == -2200
    shown = client.get(reverse("admin:accounting_issueddocument_change", args=[document.pk])).content.decode()
    assert "Corrected by" in shown


def test_customer_service_gives_receipts_of_many_orders_only_by_right(client):
    enter_as(client, Role.CS_AGENT)
    make_seller("JP")
    order = make_sale((make_variant(), 2, 2200), country="JP")
    press(client, order, "issue_receipt", kind="delivery_note", recipient="Hana", memo="", language="")
    assert IssuedDocument.objects.get().kind == "delivery_note"
    assert press(client, order, "issue_invoice", kind="invoice", recipient="Hana", language="").status_code == 403
    assert press_many(client, Order, "issue_papers", [order.pk], kind="invoice", language="").status_code == 403
    enter_as(client, Role.WAREHOUSE)
    assert client.get(pdf_url(IssuedDocument.objects.get())).status_code == 403
    assert IssuedDocument.objects.count() == 1


def test_papers_of_many_orders_are_one_file_and_each_has_its_page(client):
    enter_as(client, Role.EC_MANAGER)
    make_seller("JP")
    orders = [make_sale((make_variant(sku=f"CUP-{place}"), 1, 1100), country="JP") for place in range(3)]
    ids = [order.pk for order in orders]
    answer = press_many(client, Order, "issue_papers", ids, kind="invoice", language="en")
    assert said(answer) == ["3 done"]
    last = IssuedDocument.objects.get(order=orders[2])
    book = pypdfium2.PdfDocument(b"".join(client.get(pdf_url(last)).streaming_content))
    text = book[0].get_textpage().get_text_range()
    assert (len(book), "CUP-2" in text, "CUP-1" in text) == (1, True, False)


def text_of(answer):
    book = pypdfium2.PdfDocument(b"".join(answer.streaming_content))
    return [page.get_textpage().get_text_range() for page in book]


def test_ticked_papers_come_as_one_pdf_and_are_in_the_register(client):
    make_seller("JP")
    orders = [make_sale((make_variant(sku=f"CUP-{place}"), 1, 1100), country="JP") for place in range(3)]
    enter_as(client, Role.ACCOUNTANT)
    press_many(client, Order, "issue_papers", [order.pk for order in orders[:2]], kind="invoice", language="en")
    issue_document(wish=Wish(order_id=orders[2].pk, kind="invoice"))
    first, _second, third = IssuedDocument.objects.order_by("pk")

    answer = press_many(client, IssuedDocument, "download_many", [third.pk, first.pk])

    assert said(answer)[-1] == "The documents are ready."
    pages = text_of(client.get(answer.url))
    assert [[sku for sku in ("CUP-0", "CUP-1", "CUP-2") if sku in page] for page in pages] == [["CUP-0"], ["CUP-2"]]
    taken = EventRecord.objects.get(name="core.file_taken")
    assert (taken.data["rows"], taken.data["whose"]) == (2, [orders[0].pk, orders[2].pk])
    enter_as(client, Role.CS_AGENT)
    may = client.get(pdf_url(first)).status_code == 200
    enter_as(client, Role.WAREHOUSE)
    assert press_many(client, IssuedDocument, "download_many", [first.pk]).status_code == 403
    assert client.get(answer.url).status_code == 403
    assert EventRecord.objects.filter(name="core.file_taken").count() == 1 + may


def test_papers_that_nobody_ticked_or_that_were_changed_are_no_file(client):
    make_seller("JP")
    enter_as(client, Role.ACCOUNTANT)
    whole, forged = (
        issue_document(wish=Wish(order_id=make_sale((make_variant(), 1, 1100), country="JP").pk, kind="invoice"))
        for _ in range(2)
    )
    url = reverse("admin:accounting_documents_pdf")
    default_storage.delete(forged.file.path)
    assert [client.get(url, query).status_code for query in ({}, {"ids": "0"}, {"ids": "1,x"}, {"ids": ""})] == [
        404, 404, 400, 400,
    ]  # fmt: skip
    assert client.get(url, {"ids": ",".join(["1"] * (MOST_PAPERS + 1))}).status_code == 400
    answer = client.get(url, {"ids": f"{whole.pk},{forged.pk}"})
    assert (answer.status_code, answer.url) == (302, reverse("admin:accounting_issueddocument_changelist"))
    [told] = said(answer)
    assert f"The stored file of {forged.number} is not the one that was issued." in told
    assert not EventRecord.objects.filter(name="core.file_taken").exists()


def test_a_file_that_was_changed_is_not_given_out(client):
    enter_as(client, Role.ACCOUNTANT)
    make_seller("JP")
    order = make_sale((make_variant(), 1, 1100), country="JP")
    document = issue_document(wish=Wish(order_id=order.pk, kind="invoice"))
    default_storage.delete(document.file.path)
    default_storage.save(document.file.path, ContentFile(b"%PDF forged"))
    answer = client.get(pdf_url(document))
    assert answer.status_code == 302
    assert said(answer) == ["The stored file is not the one that was issued. Tell an administrator."]


def test_hometax_takes_tax_invoices_as_a_workbook(client):
    enter_as(client, Role.ACCOUNTANT)
    make_seller("KR", name="우리 상사")
    order = make_sale((make_variant(), 3, 33_333), country="KR", shipping=3000)
    buyer = Recipient(name="구매 상사", registration_number="123-45-67891")
    issue_document(wish=Wish(order_id=order.pk, kind="tax_invoice", recipient=buyer))
    listed = client.get(reverse("admin:accounting_issueddocument_changelist")).content.decode()
    address = re.search(r'href="(/admin/accounting/hometax/[^"]*)"', listed)[1]
    content = client.get(address.replace("&amp;", "&")).content
    head, row = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert len(head) == 59
    cells = dict(zip(head, row, strict=True))
    assert (cells["공급자 등록번호"], cells["공급받는자 상호"]) == ("1234567891", "구매 상사")
    assert (cells["공급가액 합계"], cells["세액 합계"], cells["공급가액1"]) == ("33030", "3303", "33030")


def test_a_seller_with_a_wrong_check_digit_is_not_saved(client):
    enter_as(client, Role.EC_MANAGER)
    values = {
        "code": "jp", "name": "花", "country": "JP", "currency": "JPY", "rounding": "down",
        "invoice_number": "T2180301018771", "is_company": "on",
    }  # fmt: skip
    url = reverse("admin:accounting_seller_add")
    assert "check digit" in client.post(url, values).content.decode()
    assert not Seller.objects.exists()
    client.post(url, {**values, "invoice_number": "Ｔ1180301018771"})
    assert Seller.objects.get().invoice_number == "T1180301018771"
