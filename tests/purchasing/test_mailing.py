"""An order goes to its supplier by mail at most once, or by a person who says so."""

from datetime import timedelta
from smtplib import SMTPDataError, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from core.verify import verify
from purchasing.models import PurchaseMail
from purchasing.selectors.papers import order_file
from purchasing.services import (
    cancel_purchase_order,
    mark_purchase_order_sent,
    reopen_purchase_order,
    resend_purchase_order,
    send_purchase_order,
)
from purchasing.services.ordering.mailing import SILENCE, claim_order_mail, record_order_mail_sent
from purchasing.tasks import send_order_mails
from tests.factories import make_user, make_variant
from tests.purchasing.making import make_purchase_order, make_supplier, make_supplier_item

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("purchasing.services.ordering.mailing._wake", lambda: None)


def approved(**over):
    """Make an approved order of 12 pieces in packs of 6 at a Korean supplier."""
    supplier = over.pop("supplier", None) or make_supplier(email="orders@example.com", language="ko", lead_days=9)
    variant = make_variant(sku=over.pop("sku", "TEA-1"), barcode="4901234567894")
    item = make_supplier_item(variant, supplier, code="K-77", name="=녹차", pack_size=6, lead_days=20)
    order = make_purchase_order(
        (variant, 12), unit_price=1500, supplier=supplier, state="approved", sent_at=None, number="PO-0000042", **over
    )
    order.lines.update(item=item, supplier_code="K-77", name="=녹차")
    return order


def events(order):
    """Return the names of what happened to the order."""
    rows = EventRecord.objects.filter(subject_id=order.pk, name__startswith="purchasing.").order_by("pk")
    return [row.name.removeprefix("purchasing.") for row in rows]


def test_the_mail_carries_pdf_and_csv_in_the_suppliers_language_and_makes_the_order_sent():
    order = approved()
    sender = make_user(permissions=["purchasing.send_purchaseorder"])
    assert send_purchase_order(order_id=order.pk, actor=sender).state == "approved"
    assert send_order_mails() == 1
    order.refresh_from_db()
    assert (order.state, order.expected_on) == ("sent", timezone.localdate() + timedelta(days=20))
    [message] = mail.outbox
    assert message.to == ["orders@example.com"]
    assert message.extra_headers["Message-ID"].startswith(f"<purchase-order-{order.pk}-")
    (pdf_name, pdf, pdf_type), (csv_name, csv, csv_type) = message.attachments
    assert (pdf_name, pdf_type, pdf[:5]) == ("PO-0000042.pdf", "application/pdf", b"%PDF-")
    assert (csv_name, csv_type) == ("PO-0000042.csv", "text/csv")
    assert csv.splitlines()[1].startswith("PO-0000042,1,K-77,TEA-1,4901234567894,'=녹차,12,1500,KRW,18000,")
    assert events(order) == ["purchase_mail_queued", "purchase_order_sent"]
    assert PurchaseMail.objects.get().state == "sent"
    assert send_order_mails() == 0
    assert len(mail.outbox) == 1


def test_the_file_writes_amounts_with_the_decimals_of_the_currency():
    supplier = make_supplier(currency="USD", email="a@example.com")
    order = make_purchase_order((make_variant(), 3), unit_price=1050, supplier=supplier, currency="USD")
    row = order_file(order).decode("utf-8-sig").splitlines()[1].split(",")
    assert row[6:10] == ["3", "10.50", "USD", "31.50"]


def test_killed_between_handing_over_and_ticking_off_it_is_not_sent_again_by_itself():
    order = approved()
    send_purchase_order(order_id=order.pk)
    now = timezone.now()
    claimed = claim_order_mail(now=now)
    assert claimed is not None
    # the sender is killed here; whoever comes next sends nothing
    assert claim_order_mail(now=now) is None
    assert claim_order_mail(now=now + SILENCE) is None
    assert claim_order_mail(now=now + SILENCE + timedelta(seconds=1)) is None
    assert PurchaseMail.objects.get().state == "unclear"
    order.refresh_from_db()
    assert order.state == "approved"
    assert events(order)[-1] == "purchase_mail_failed"
    with pytest.raises(Conflict):
        send_purchase_order(order_id=order.pk)
    with pytest.raises(InvalidTransition):
        reopen_purchase_order(order_id=order.pk)
    record_order_mail_sent(claimed=claimed)  # the dead speaks late: a person decides now
    order.refresh_from_db()
    assert order.state == "approved"
    assert mark_purchase_order_sent(order_id=order.pk).state == "sent"
    assert PurchaseMail.objects.get().state == "sent"
    assert len(mail.outbox) == 0
    assert all(finding.holds for finding in verify(names=["purchasing.sent_orders_owe_no_mail"]))


def test_an_unclear_mail_goes_out_again_when_a_person_says_that_it_did_not_arrive():
    order = approved()
    send_purchase_order(order_id=order.pk, address="other@example.com")
    with pytest.raises(InvalidTransition):
        resend_purchase_order(order_id=order.pk)
    claim_order_mail(now=timezone.now() - SILENCE * 2)  # nothing is due then
    PurchaseMail.objects.update(state="unclear", started_at=timezone.now())
    resend_purchase_order(order_id=order.pk)
    assert list(PurchaseMail.objects.order_by("pk").values_list("state", "address")) == [
        ("failed", "other@example.com"),
        ("waiting", "other@example.com"),
    ]
    assert send_order_mails() == 1
    assert len(mail.outbox) == 1


class Refusing(EmailBackend):
    """A server that takes the connection and refuses the mail."""

    def send_messages(self, messages):
        """Refuse."""
        raise SMTPDataError(550, b"no")


class Breaking(EmailBackend):
    """A server whose line breaks after the mail was handed over."""

    def send_messages(self, messages):
        """Break."""
        raise SMTPServerDisconnected("gone")


class Closed(EmailBackend):
    """A server that is not there."""

    def open(self):
        """Refuse the connection."""
        raise ConnectionRefusedError


@pytest.mark.parametrize("backend", ["Refusing", "Closed"])
def test_what_surely_did_not_leave_is_tried_six_times_with_pauses(settings, backend):
    settings.EMAIL_BACKEND = f"{__name__}.{backend}"
    order = approved()
    send_purchase_order(order_id=order.pk)
    pauses = []
    for _attempt in range(6):
        before = timezone.now()
        assert send_order_mails() == 1
        row = PurchaseMail.objects.get()
        pauses.append(round((row.due_at - before).total_seconds() / 60))
        PurchaseMail.objects.filter(state="waiting").update(due_at=timezone.now())
    assert pauses[:5] == [1, 2, 4, 8, 16]
    assert (row.state, row.attempts, row.error) == (
        "failed", 6, "SMTPDataError" if backend == "Refusing" else "ConnectionRefusedError",
    )  # fmt: skip
    order.refresh_from_db()
    assert order.state == "approved"
    assert events(order) == ["purchase_mail_queued", "purchase_mail_failed"]
    assert send_order_mails() == 0


def test_a_line_that_breaks_leaves_it_unclear(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Breaking"
    order = approved()
    send_purchase_order(order_id=order.pk)
    assert send_order_mails() == 1
    assert PurchaseMail.objects.get().state == "unclear"
    order.refresh_from_db()
    assert order.state == "approved"
    assert send_order_mails() == 0


def test_a_waiting_mail_is_withdrawn_with_its_order():
    for end in (reopen_purchase_order, cancel_purchase_order):
        order = approved(sku=f"T-{end.__name__}") if end is reopen_purchase_order else make_purchase_order(
            (make_variant(), 1), state="approved", sent_at=None, supplier=make_supplier(email="b@example.com")
        )  # fmt: skip
        send_purchase_order(order_id=order.pk)
        end(order_id=order.pk, reason="changed our mind")
        assert order.mails.get().state == "withdrawn"
    assert send_order_mails() == 0
    assert mail.outbox == []


def test_refused_without_right_address_or_approval():
    order = approved()
    with pytest.raises(NotAllowed):
        send_purchase_order(order_id=order.pk, actor=make_user(permissions=["purchasing.approve_purchaseorder"]))
    with pytest.raises(InvalidInput, match="address"):
        send_purchase_order(order_id=order.pk, address="nobody")
    sent = make_purchase_order((make_variant(), 1), supplier=make_supplier(email="c@example.com"))
    with pytest.raises(InvalidTransition):
        send_purchase_order(order_id=sent.pk)
    with pytest.raises(InvalidTransition):
        mark_purchase_order_sent(order_id=sent.pk)
    assert PurchaseMail.objects.count() == 0
    assert mark_purchase_order_sent(order_id=order.pk).state == "sent"
    assert events(order) == ["purchase_order_sent"]
