"""Papers as issued: exact sums in four currencies, numbers without gaps, files with their digest, corrections."""

import hashlib
from datetime import date
from decimal import Decimal

import pypdfium2
import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounting.models import CashReceiptIdentity, DocumentSeries, GoodsTax, IssuedDocument, IssuedFile
from accounting.services import Recipient, Wish, issue_correction, issue_document, issue_documents
from core.errors import InvalidInput, NotAllowed
from core.models import EventRecord
from orders.models import Order
from orders.services import record_payment
from purchasing.models import ExchangeRate
from tests.accounting.making import make_sale, make_seller
from tests.factories import make_user, make_variant

pytestmark = pytest.mark.django_db


def taxes(document):
    return [(f"{one.percent.normalize():f}", one.gross, one.net, one.tax) for one in document.taxes.all()]


def text_of(document):
    with default_storage.open(document.file.path) as file:
        pdf = pypdfium2.PdfDocument(file.read())
    pages = range(document.first_page, document.first_page + document.page_count)
    return "".join(pdf[page].get_textpage().get_text_range() for page in pages)


def japanese_sale(**over):
    """Sell cake at 8 % and a cup at 10 %, with carriage and a coupon."""
    cake, cup = make_variant(sku="CAKE"), make_variant(sku="CUP")
    GoodsTax.objects.create(country="JP", product=cake.product, tax_class="reduced", starts_on=date(2019, 10, 1))
    return make_sale((cake, 3, 3240), (cup, 1, 1650), country="JP", shipping=550, discount=440, **over)


@pytest.fixture(autouse=True)
def _in_yen_and_won(settings):
    settings.SHOP_CURRENCY = "KRW"


def test_a_qualified_invoice_tells_tax_once_for_each_rate():
    make_seller("JP")
    document = issue_document(wish=Wish(order_id=japanese_sale().pk, kind="invoice"))
    assert document.number == f"JP-INV-{timezone.localdate().year}-000001"
    # 1,650 and 3,240 goods, the coupon of 440 by 2,200 : 3,240, carriage at the standard rate
    assert taxes(document) == [("10", 2022, 1839, 183), ("8", 2978, 2758, 220)]
    assert (document.gross, document.net, document.tax) == (5000, 4597, 403)
    text = text_of(document)
    for words in ("T1180301018771", "CAKE ※", "Hanako Yamada", "¥5,000", "8 % ※", document.number):
        assert words.replace("¥", "") in text.replace("¥", "").replace("¥", "").replace("￥", "")
    event = EventRecord.objects.get(name="accounting.document_issued")
    assert (event.subject_id, event.data["number"]) == (document.order_id, document.number)


def test_papers_in_won_dollars_and_euros_add_up():
    variant = make_variant()
    make_seller("KR")
    order = make_sale((variant, 3, 33_333), country="KR", shipping=3000)
    buyer = Recipient(name="구매 상사", registration_number="123-45-67891")
    tax_invoice = issue_document(wish=Wish(order_id=order.pk, kind="tax_invoice", recipient=buyer))
    assert taxes(tax_invoice) == [("10", 36_333, 33_030, 3303)]
    german = make_seller("DE", is_default=False, rounding="half_up")
    american = make_seller("US", is_default=False)
    for country, expected in (("DE", [("19", 11_999, 10_083, 1916)]), ("US", [("0", 11_999, 11_999, 0)])):
        sale = make_sale((variant, 1, 11_500), country=country, shipping=499)
        seller = american if country == "US" else german
        seller.channels.create(sales_channel=sale.sales_channel)
        Order.objects.filter(pk=sale.pk).update(country=country)
        assert taxes(issue_document(wish=Wish(order_id=sale.pk, kind="invoice"))) == expected


def test_tax_is_also_told_in_the_currency_of_the_books():
    make_seller("JP")
    order = make_sale((make_variant(), 1, 11_000), country="JP", currency="USD")
    with pytest.raises(InvalidInput, match="exchange rate of USD"):
        issue_document(wish=Wish(order_id=order.pk, kind="invoice"))
    assert not DocumentSeries.objects.exists()
    ExchangeRate.objects.create(currency="USD", starts_on=date(2026, 1, 1), rate=Decimal(1500))
    ExchangeRate.objects.create(currency="JPY", starts_on=date(2026, 1, 1), rate=Decimal(10))
    document = issue_document(wish=Wish(order_id=order.pk, kind="invoice"))
    assert [(one.tax, one.local_tax) for one in document.taxes.all()] == [(1000, 1500)]
    assert "1 USD = 150 JPY" in text_of(document)


def test_goods_that_leave_the_country_are_exported_without_tax():
    make_seller("KR")
    order = make_sale((make_variant(), 1, 50_000), country="KR")
    Order.objects.filter(pk=order.pk).update(country="US")
    assert taxes(issue_document(wish=Wish(order_id=order.pk, kind="invoice"))) == [("0", 50_000, 50_000, 0)]


def test_many_orders_are_printed_at_once_and_numbered_in_their_order(django_assert_max_num_queries):
    make_seller("JP")
    sales = [make_sale((make_variant(), 1, 1000 + place), country="JP") for place in range(6)]
    cancelled = make_sale((make_variant(), 1, 9), country="JP", status="cancelled")
    wishes = [Wish(order_id=sale.pk, kind="invoice", language="ja") for sale in [*sales[:3], cancelled, *sales[3:]]]
    with django_assert_max_num_queries(32):
        report = issue_documents(wishes=wishes, key="a")
    assert report.refused == [(cancelled.number, "The order is cancelled: there is nothing to bill.")]
    found = list(IssuedDocument.objects.order_by("serial"))
    assert [one.order_id for one in found] == [sale.pk for sale in sales]
    assert [one.serial for one in found] == [1, 2, 3, 4, 5, 6]
    assert [one.pk for one in found] == report.done
    file = IssuedFile.objects.get()
    with default_storage.open(file.path) as stored:
        assert hashlib.sha256(stored.read()).hexdigest() == file.digest
    assert [(one.first_page, one.page_count) for one in found] == [(place, 1) for place in range(6)]
    assert all(one.number in text_of(one) for one in found)
    assert issue_documents(wishes=wishes, key="a").done == report.done
    assert IssuedDocument.objects.count() == 6


def test_an_order_is_billed_once_until_the_bill_is_taken_back():
    make_seller("JP")
    order = japanese_sale()
    first = issue_document(wish=Wish(order_id=order.pk, kind="invoice"))
    with pytest.raises(InvalidInput, match=f"{first.number} bills this order already"):
        issue_document(wish=Wish(order_id=order.pk, kind="simplified"))
    assert IssuedDocument.objects.count() == 1
    back = issue_correction(document_id=first.pk, reason="Wrong name")
    assert (back.kind, back.corrects_id, back.gross, back.tax) == ("return_invoice", first.pk, -5000, -403)
    assert first.number in text_of(back)
    again = issue_document(wish=Wish(order_id=order.pk, kind="invoice", recipient=Recipient(name="株式会社花")))
    assert again.serial == 2
    assert "株式会社花" in text_of(again)


def test_a_part_is_taken_back_at_its_rate_and_the_rest_exactly():
    make_seller("JP")
    order = japanese_sale()
    original = issue_document(wish=Wish(order_id=order.pk, kind="invoice"))
    cake = order.lines.get(sku="CAKE").pk
    part = issue_correction(document_id=original.pk, amounts={cake: 1080}, reason="Broken", key="k")
    assert taxes(part) == [("8", -1080, -1000, -80)]
    assert issue_correction(document_id=original.pk, amounts={cake: 1080}, reason="Broken", key="k") == part
    with pytest.raises(InvalidInput, match="1,898 is left"):
        issue_correction(document_id=original.pk, amounts={cake: 1899}, reason="Broken")
    rest = issue_correction(document_id=original.pk, reason="All back")
    assert taxes(rest) == [("10", -2022, -1839, -183), ("8", -1898, -1758, -140)]
    with pytest.raises(InvalidInput, match="Nothing of this paper is left"):
        issue_correction(document_id=original.pk, reason="Again")
    assert IssuedDocument.objects.count() == 3


def test_a_receipt_is_of_what_was_paid_and_says_when_it_is_issued_again():
    make_seller("JP")
    order = japanese_sale()
    with pytest.raises(InvalidInput, match="Nothing was paid yet"):
        issue_document(wish=Wish(order_id=order.pk, kind="receipt"))
    record_payment(order_id=order.pk, amount=5000)
    wish = Wish(order_id=order.pk, kind="receipt", memo="お品代として", language="en")
    first = issue_document(wish=wish)
    assert (first.gross, first.tax, first.reissue_of) == (5000, 403, None)
    assert "お品代として" in text_of(first)
    assert "Issued again" not in text_of(first)
    second = issue_document(wish=wish)
    assert (second.gross, second.reissue_of_id, second.serial) == (5000, first.pk, 2)
    assert "Issued again" in text_of(second)


def test_a_cash_receipt_hides_the_number_and_keeps_it_apart():
    make_seller("KR")
    order = make_sale((make_variant(), 1, 110_000), country="KR")
    record_payment(order_id=order.pk, amount=110_000)

    def wish(**over):
        return Wish(order_id=order.pk, kind="cash_receipt", language="en", **over)

    for purpose, identity in (("", "010-1234-5678"), ("income", "12"), ("expense", "123-45-67890"), ("expense", "")):
        with pytest.raises(InvalidInput):
            issue_document(wish=wish(purpose=purpose, identity=identity))
    assert not IssuedDocument.objects.exists()
    document = issue_document(wish=wish(purpose="income", identity="010-1234-5678"))
    assert taxes(document) == [("10", 110_000, 100_000, 10_000)]
    assert "010****5678" in text_of(document)
    assert "12345678" not in str(document.data)
    assert CashReceiptIdentity.objects.get(document=document).value == "01012345678"
    amended = issue_correction(document_id=document.pk, reason="Returned")
    assert (amended.kind, amended.gross) == ("cancelled_cash_receipt", -110_000)


def test_issued_papers_cannot_be_changed():
    make_seller("JP")
    document = issue_document(wish=Wish(order_id=japanese_sale().pk, kind="delivery_note"))
    for change in (
        lambda: IssuedDocument.objects.update(recipient="X"),
        lambda: IssuedFile.objects.update(digest="0"),
        lambda: document.taxes.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_failed_transaction_gives_number_and_file_back():
    make_seller("JP")
    order = japanese_sale()
    issue_document(wish=Wish(order_id=order.pk, kind="delivery_note"))
    with transaction.atomic():
        issue_document(wish=Wish(order_id=order.pk, kind="delivery_note"))
        transaction.set_rollback(True)
    assert issue_document(wish=Wish(order_id=order.pk, kind="delivery_note")).serial == 2


def test_customer_service_gives_out_receipts_but_bills_nothing():
    make_seller("JP")
    order = japanese_sale()
    agent = make_user(permissions=["accounting.issue_receipt"])
    assert issue_document(wish=Wish(order_id=order.pk, kind="delivery_note"), actor=agent).issued_by == agent
    with pytest.raises(NotAllowed):
        issue_document(wish=Wish(order_id=order.pk, kind="invoice"), actor=agent)
    with pytest.raises(NotAllowed):
        issue_correction(document_id=IssuedDocument.objects.get().pk, reason="x", actor=agent)
    assert IssuedDocument.objects.count() == 1
