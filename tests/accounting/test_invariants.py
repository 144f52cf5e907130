"""Invariants of accounting find what is planted."""

import pytest
from django.db import connection
from django.utils import timezone

from accounting.models import AdCost
from accounting.services import (
    StatementHead,
    StatementLine,
    Wish,
    issue_correction,
    issue_document,
    match_settlement,
    rebuild_profits,
    take_settlement,
)
from core.verify import verify
from tests.accounting.making import make_sale, make_seller
from tests.factories import make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> None:
    """An invoice of which a part was taken back, a statement, and a line that bears advertising."""
    make_seller("JP")
    order = make_sale((make_variant(), 2, 2200), country="JP")
    invoice = issue_document(wish=Wish(order_id=order.pk, kind="invoice"))
    issue_correction(document_id=invoice.pk, amounts={order.lines.get().pk: 1100}, reason="Broken")
    settlement, _fresh = take_settlement(
        sales_channel_id=order.sales_channel_id,
        head=StatementHead(reference="S-1", currency="JPY"),
        lines=[StatementLine(kind="sale", amount=2200, external_number=order.external_number, external_line="1")],
    )
    match_settlement(settlement_id=settlement.pk)
    today = timezone.localdate()
    AdCost.objects.create(
        sales_channel=order.sales_channel, starts_on=today, ends_on=today, amount=100, currency="JPY"
    )  # fmt: skip
    rebuild_profits(order_ids=[order.pk])


APPENDED = "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} DISABLE TRIGGER USER; {change}"
PLANTS = {
    "accounting.numbers_without_gaps": "UPDATE accounting_documentseries SET next_serial = next_serial + 1",
    "accounting.papers_equal_their_rates": APPENDED.format(
        table="accounting_issueddocument",
        change="UPDATE accounting_issueddocument SET gross = gross + 1, net = net + 1 WHERE kind = 'invoice'",
    ),
    "accounting.corrections_within_papers": APPENDED.format(
        table="accounting_documenttax",
        change="UPDATE accounting_documenttax SET gross = gross * 3, net = net * 3, tax = tax * 3 WHERE gross < 0",
    ),
    "accounting.settlements_add_up": "UPDATE accounting_settlement SET total = total + 1",
    "accounting.settlement_lines_fit": "UPDATE accounting_settlementline SET order_id = NULL",
    "accounting.ads_are_spread_whole": "UPDATE accounting_adcost SET amount = amount + 1",
    "accounting.lines_bear_their_ads": "UPDATE accounting_lineprofit SET ads = ads - 1, profit = profit - 1",
    "accounting.papers_have_their_file": APPENDED.format(
        table="accounting_issueddocument", change="UPDATE accounting_issueddocument SET file_id = NULL"
    ),
}


@pytest.mark.parametrize("name", sorted(PLANTS))
def test_a_planted_breach_is_found(books, name):
    assert [one.count for one in verify(names=[name])] == [0]
    with connection.cursor() as cursor:
        cursor.execute(PLANTS[name])
    assert next(one.count for one in verify(names=[name])) > 0
