"""Numbers of papers under real processes: none twice, no gap, also when one is killed in the middle."""

import multiprocessing
import os
import signal
from functools import partial

import pytest
from django.db import connections, transaction

from accounting.models import DocumentSeries, IssuedDocument, IssuedFile
from accounting.services import Wish, issue_document
from accounting.services.issuing import issuing
from tests.accounting.making import make_sale, make_seller
from tests.concurrency.race import race
from tests.factories import make_variant

pytestmark = pytest.mark.django_db(transaction=True)


def _unprinted(documents, *, language, written):
    """Keep papers without printing: the compiler's threads do not outlive a fork, and numbers are what is tested."""
    for document in documents:
        document.file = IssuedFile.objects.create(path=f"documents/{document.number}.pdf", digest="0" * 64, size=1)
        document.page_count = 1


@pytest.fixture(autouse=True)
def _without_printing(monkeypatch):
    monkeypatch.setattr(issuing, "print_documents", _unprinted)


def _issue(order_id, kind="delivery_note"):
    return issue_document(wish=Wish(order_id=order_id, kind=kind)).serial


def _issue_and_die(order_id):
    connections.close_all()
    with transaction.atomic():
        _issue(order_id)
        os.kill(os.getpid(), signal.SIGKILL)


def test_numbers_have_no_gap_though_a_process_is_killed():
    make_seller("JP")
    sales = [make_sale((make_variant(), 1, 1100), country="JP") for _place in range(4)]
    connections.close_all()
    killed = multiprocessing.get_context("fork").Process(target=_issue_and_die, args=(sales[3].pk,), daemon=True)
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    results = race(*(partial(_issue, sale.pk) for sale in sales[:3]))
    assert sorted(one.value for one in results) == [1, 2, 3]
    assert _issue(sales[3].pk) == 4
    assert list(IssuedDocument.objects.order_by("serial").values_list("serial", flat=True)) == [1, 2, 3, 4]
    assert DocumentSeries.objects.get().next_serial == 5


def test_of_two_who_bill_one_order_one_does():
    make_seller("JP")
    order = make_sale((make_variant(), 1, 1100), country="JP")
    results = race(partial(_issue, order.pk, "invoice"), partial(_issue, order.pk, "simplified"))
    assert sorted(one.kind for one in results) == ["done", "refused"]
    assert IssuedDocument.objects.count() == 1
