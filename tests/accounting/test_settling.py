"""Statements of channels: taken once, matched, differences listed and decided, closed, undone."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounting.models import ChannelTerms, FeeRule, ProfitDue, Settlement, SettlementDifference, SettlementLine
from accounting.services import (
    StatementHead,
    StatementLine,
    close_settlement,
    decide_differences,
    match_settlement,
    take_settlement,
    undo_settlement,
)
from channels.services.formats import sync_formats
from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.imports.running import run_import
from core.imports.services import start_import, upload_file
from core.models import EventRecord, ImportRow
from orders.models import Order, OrderStatus, Payment
from tests.accounting.making import make_sale
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


def line(order, kind, amount, **over):
    return StatementLine(kind=kind, amount=amount, external_number=order.external_number, **over)


def take(channel, *lines, reference="S-1", **head):
    settlement, fresh = take_settlement(
        sales_channel_id=channel.pk, lines=lines,
        head=StatementHead(reference=reference, currency=channel.currency, **head),
    )  # fmt: skip
    match_settlement(settlement_id=settlement.pk)
    settlement.refresh_from_db()
    return settlement, fresh


def found(settlement):
    rows = SettlementDifference.objects.filter(settlement=settlement).order_by("pk")
    return [(row.kind, row.subject, row.expected, row.actual) for row in rows]


def test_a_statement_that_agrees_is_closed_and_the_same_again_adds_nothing():
    order = make_sale((make_variant(), 1, 30_000), shipping=3000)
    lines = [line(order, "sale", 30_000), line(order, "shipping", 3000), line(order, "fee", -1815)]
    settlement, fresh = take(order.sales_channel, *lines, payout=31_185)
    assert (fresh, settlement.state, settlement.total, settlement.line_count) == ([True] * 3, "open", 31_185, 3)
    assert set(settlement.lines.values_list("order", flat=True)) == {order.pk}
    assert ProfitDue.objects.filter(order=order).exists()
    again, fresh = take(order.sales_channel, *lines, payout=31_185)
    assert (again.pk, fresh, again.line_count) == (settlement.pk, [False] * 3, 3)
    close_settlement(settlement_id=settlement.pk)
    settlement.refresh_from_db()
    assert settlement.state == "settled"
    with pytest.raises(InvalidTransition):
        take(order.sales_channel, *lines, line(order, "fee", -1))
    with pytest.raises(InvalidTransition):
        undo_settlement(settlement_id=settlement.pk, reason="wrong file")
    assert SettlementLine.objects.count() == 3


def test_equal_lines_of_one_statement_are_counted_each():
    order = make_sale((make_variant(), 2, 20_000))
    settlement, _fresh = take(order.sales_channel, line(order, "sale", 10_000), line(order, "sale", 10_000))
    assert (settlement.total, settlement.line_count, settlement.state) == (20_000, 2, "open")


def test_every_kind_of_difference_is_listed():
    channel = make_channel()
    ChannelTerms.objects.create(sales_channel=channel, starts_on=date(2020, 1, 1), settles_after_days=7)
    FeeRule.objects.create(
        sales_channel=channel, kind="commission", basis_points=550, currency="KRW", starts_on=date(2020, 1, 1)
    )
    variant = make_variant()
    good, less, twice, missing, refunded = (
        make_sale((variant, 1, 10_000), sales_channel=channel) for _order in range(5)
    )
    left = timezone.now() - timedelta(days=10)
    Order.objects.filter(pk__in=[missing.pk, refunded.pk]).update(status=OrderStatus.SHIPPED, shipped_at=left)
    Payment.objects.create(order=refunded, kind="refund", amount=4000, currency="KRW", paid_at=left)
    take(channel, line(twice, "sale", 10_000), reference="S-0")
    settlement, _fresh = take(
        channel,
        line(good, "sale", 10_000), line(good, "fee", -550),
        line(less, "sale", 9000), line(less, "fee", -700),
        line(twice, "sale", 10_000), line(refunded, "sale", 10_000),
        StatementLine(kind="sale", amount=5000, external_number="NOBODY"),
        starts_on=TODAY - timedelta(days=14), ends_on=TODAY, payout=42_000,
    )  # fmt: skip
    assert found(settlement) == [
        ("unknown_order", "NOBODY", 0, 5000),
        ("amount", less.external_number, 10_000, 9000),
        ("fee", less.external_number, -550, -700),
        ("twice", twice.external_number, 10_000, 20_000),
        ("missing", missing.external_number, 10_000, 0),
        ("refund", refunded.external_number, -4000, 0),
        ("payout", "", 42_750, 42_000),
    ]
    assert (settlement.state, settlement.difference_count) == ("differences", 7)
    with pytest.raises(InvalidTransition):
        close_settlement(settlement_id=settlement.pk)


def test_discounts_that_the_channel_bears_and_small_differences_are_none():
    channel = make_channel(country="JP", currency="JPY", language="ja")
    terms = ChannelTerms.objects.create(sales_channel=channel, starts_on=date(2020, 1, 1), discount_share=5000)
    order = make_sale((make_variant(), 1, 5000), country="JP", discount=501, sales_channel=channel)
    settlement, _fresh = take(channel, line(order, "sale", 5000), line(order, "coupon", -250))
    assert found(settlement) == []
    other, _fresh = take(channel, line(order, "fee", -1), line(order, "sale", 3), reference="S-2")
    assert [row[0] for row in found(other)] == ["twice"]
    ChannelTerms.objects.filter(pk=terms.pk).update(tolerance=3)
    match_settlement(settlement_id=other.pk)
    assert found(other) == []


def test_differences_are_decided_by_right_with_a_reason_and_stay_decided():
    order = make_sale((make_variant(), 1, 10_000))
    settlement, _fresh = take(order.sales_channel, line(order, "sale", 9000))
    row = settlement.differences.get()
    boss = make_user(permissions=["accounting.decide_settlement"])
    with pytest.raises(NotAllowed):
        decide_differences(difference_ids=[row.pk], state="accepted", reason="ok", actor=make_user())
    with pytest.raises(InvalidInput):
        decide_differences(difference_ids=[row.pk], state="accepted", reason=" ", actor=boss)
    row.refresh_from_db()
    assert row.state == "open"
    decide_differences(difference_ids=[row.pk], state="asked", reason="", actor=boss)
    settlement.refresh_from_db()
    assert settlement.state == "differences"
    decide_differences(difference_ids=[row.pk], state="accepted", reason="mall coupon", actor=boss)
    match_settlement(settlement_id=settlement.pk)
    settlement.refresh_from_db()
    row.refresh_from_db()
    assert (settlement.state, row.state, row.reason, row.decided_by) == ("open", "accepted", "mall coupon", boss)
    names = EventRecord.objects.filter(subject_id=settlement.pk, name__startswith="accounting.").values_list("name")
    assert [name for (name,) in names.order_by("pk")].count("accounting.differences_decided") == 2
    # other sums are another question
    take(order.sales_channel, line(order, "sale", 500))
    row.refresh_from_db()
    assert (row.state, row.actual) == ("open", 9500)


def test_a_wrong_statement_is_undone_and_its_number_is_free_again():
    order = make_sale((make_variant(), 1, 10_000))
    settlement, _fresh = take(order.sales_channel, line(order, "sale", 9000))
    with pytest.raises(InvalidInput):
        undo_settlement(settlement_id=settlement.pk, reason="")
    undo_settlement(settlement_id=settlement.pk, reason="of another shop")
    settlement.refresh_from_db()
    assert (settlement.state, settlement.line_count, settlement.difference_count) == ("undone", 0, 0)
    assert not SettlementLine.objects.exists()
    right, _fresh = take(order.sales_channel, line(order, "sale", 10_000))
    assert (right.pk != settlement.pk, right.state) == (True, "open")
    with pytest.raises(IntegrityError), transaction.atomic():
        Settlement.objects.filter(pk=settlement.pk).update(state="open")


AMAZON = (
    "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\t"
    "transaction-type\torder-id\tmerchant-order-id\tadjustment-id\tshipment-id\tmarketplace-name\tamount-type\t"
    "amount-description\tamount\tfulfillment-id\tposted-date\tposted-date-time\torder-item-code\t"
    "merchant-order-item-id\tmerchant-adjustment-item-id\tsku\tquantity-purchased\n"
    "9001\t2026-09-01 00:00:00 UTC\t2026-09-15 00:00:00 UTC\t2026-09-17 00:00:00 UTC\t21.65\tUSD" + "\t" * 17 + "\n"
)


def amazon_row(kind, order, of, what, amount, item=""):
    cells = ["9001", "", "", "", "", "", kind, order, "", "", "", "Amazon.com", of, what, amount, "MFN",
             "2026-09-02", "2026-09-02 10:00:00 UTC", item, "", "", "CUP", "1"]  # fmt: skip
    return "\t".join(cells) + "\n"


def bring(text, channel, **options):
    sync_formats()
    file = SimpleUploadedFile("statement.txt", text.encode())
    batch = upload_file(
        target="accounting.settlements", file=file, options={"sales_channel": channel.pk, **options}, actor=None
    )
    assert batch.problem is None
    start_import(batch_id=batch.pk, actor=None)
    return run_import(batch_id=batch.pk)


def test_amazons_settlement_report_is_read_by_its_documented_columns():
    channel = make_channel(kind="amazon", country="US", currency="USD", language="en", time_zone="America/New_York")
    order = make_sale(
        (make_variant(sku="CUP"), 1, 2500), country="US", shipping=499, sales_channel=channel,
        external_number="111-1",
    )  # fmt: skip
    text = (
        AMAZON
        + amazon_row("Order", "111-1", "ItemPrice", "Principal", "25.00", "1")
        + amazon_row("Order", "111-1", "ItemPrice", "Shipping", "4.99", "1")
        + amazon_row("Order", "111-1", "ItemFees", "Commission", "-4.50", "1")
        + amazon_row("Refund", "111-1", "ItemPrice", "Principal", "-5.00", "1")
        + amazon_row("Refund", "111-1", "ItemFees", "Commission", "0.90", "1")
        + amazon_row("other-transaction", "", "Reserve", "Current Reserve Amount", "0.26")
        + amazon_row("other-transaction", "", "Something", "New", "-0.50")
    )
    batch = bring(text, channel)
    settlement = Settlement.objects.get()
    kinds = list(settlement.lines.order_by("pk").values_list("kind", "amount", "order_line__order"))
    assert kinds == [
        ("sale", 2500, order.pk), ("shipping", 499, order.pk), ("fee", -450, order.pk), ("refund", -500, order.pk),
        ("fee", 90, order.pk), ("adjustment", 26, None), ("other", -50, None),
    ]  # fmt: skip
    assert (settlement.reference, settlement.total, settlement.payout) == ("9001", 2115, 2165)
    assert (settlement.starts_on, settlement.paid_on) == (date(2026, 8, 31), date(2026, 9, 16))
    assert [row[0] for row in found(settlement)] == ["payout"]
    assert batch.counts == {"created": 7, "unchanged": 1}
    assert bring(text, channel).counts == {"unchanged": 8}
    assert SettlementLine.objects.count() == 7


def test_a_list_without_a_number_needs_one_and_costs_without_sign_are_taken_off():
    channel = make_channel(kind="rakuten", country="JP", currency="JPY", language="ja", time_zone="Asia/Tokyo")
    order = make_sale((make_variant(), 1, 5000), country="JP", sales_channel=channel, external_number="R-1")
    text = "注文番号,計上日,売上金額,システム利用料,楽天ペイ利用料,送料\nR-1,2026/10/02,5000,200,150,\n"
    batch = bring(text, channel)
    assert batch.counts == {"refused": 1}
    assert ImportRow.objects.get(batch=batch).reason == [{"code": "accounting.no_statement"}]
    assert not Settlement.objects.exists()
    bring(text, channel, reference="2026-10", starts_on="2026-10-01", ends_on="2026-10-31", paid_on="")
    settlement = Settlement.objects.get()
    assert list(settlement.lines.order_by("pk").values_list("kind", "amount", "order")) == [
        ("sale", 5000, order.pk),
        ("fee", -350, order.pk),
    ]
    assert (settlement.starts_on, settlement.ends_on, settlement.paid_on) == (
        date(2026, 10, 1),
        date(2026, 10, 31),
        None,
    )


def test_an_amount_in_another_currency_is_refused():
    channel = make_channel()
    text = "statement,order,kind,amount,currency\nS-9,A,sale,10,USD\nS-9,B,fee,-10,KRW\n"
    assert bring(text, channel).counts == {"refused": 1, "created": 1}
    assert SettlementLine.objects.get().external_number == "B"
