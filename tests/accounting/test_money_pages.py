"""Pages of settlements and profits: by right, from the statement to its end, and what the report says."""

from datetime import date
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounting.models import AdCost, AdShare, FeeRule, LineProfit, ProfitDue, Settlement, SettlementDifference
from accounting.services import StatementHead, StatementLine, match_settlement, rebuild_profits, take_settlement
from orders.models import Order
from payments.models import BankDeposit
from staff.models import Role
from tests.accounting.making import make_sale
from tests.accounting.test_pages import enter_as
from tests.admin.pressing import press, press_many, said
from tests.factories import make_channel, make_variant

pytestmark = pytest.mark.django_db


def page(client, name, *args, **query):
    return client.get(reverse(f"admin:{name}", args=args), query).content.decode()


@pytest.fixture
def statement():
    """Two orders of which one was paid less than expected, and one that nobody knows."""
    channel = make_channel(name="Mall")
    orders = [make_sale((make_variant(), 1, 10_000), sales_channel=channel) for _ in range(2)]
    settlement, _fresh = take_settlement(
        sales_channel_id=channel.pk,
        head=StatementHead(reference="2026-10", currency="KRW", paid_on=timezone.localdate(), payout=23_000),
        lines=[
            StatementLine(kind="sale", amount=10_000, external_number=orders[0].external_number),
            StatementLine(kind="fee", amount=-1000, external_number=orders[0].external_number),
            StatementLine(kind="sale", amount=9000, external_number=orders[1].external_number),
            StatementLine(kind="sale", amount=5000, external_number="NOBODY"),
        ],
    )
    match_settlement(settlement_id=settlement.pk)
    rebuild_profits(order_ids=[order.pk for order in orders])
    return settlement


def test_an_accountant_decides_differences_and_closes_the_statement(client, statement):
    enter_as(client, Role.ACCOUNTANT)
    BankDeposit.objects.create(
        deposited_on=timezone.localdate(), amount=23_000, currency="KRW", payer_name="MALL CO", line_key="1"
    )
    shown = page(client, "accounting_settlement_change", statement.pk)
    for words in ("NOBODY", "MALL CO", "₩24,000", "₩9,000", "Order unknown", "Amount differs"):
        assert words in shown
    unknown = SettlementDifference.objects.get(kind="unknown_order")
    assert said(press(client, unknown, "ask", reason="mail sent"))[-1] == "Noted: the channel is asked."
    assert said(press(client, unknown, "accept", reason="of the old shop"))[-1] == "Accepted."
    less = SettlementDifference.objects.get(kind="amount")
    assert press(client, less, "accept", reason="").status_code == 200  # asks again
    rest = SettlementDifference.objects.exclude(kind="unknown_order")
    ids = list(rest.values_list("pk", flat=True))
    assert said(press_many(client, SettlementDifference, "accept_selected", ids, reason="coupon"))[-1] == "1 done"
    assert said(press(client, statement, "close"))[-1] == "Statement 2026-10 is settled."
    statement.refresh_from_db()
    assert (statement.state, statement.closed_by.username != "") == ("settled", True)
    shown = page(client, "accounting_settlement_change", statement.pk)
    assert "coupon" in shown
    assert "Settled" in shown


def test_a_statement_is_compared_again_and_undone(client, statement):
    enter_as(client, Role.EC_MANAGER)
    late = make_sale((make_variant(), 1, 5000), sales_channel=statement.sales_channel, external_number="NOBODY")
    assert said(press(client, statement, "compare"))[-1] == "Compared; differences to decide: 1"
    assert ProfitDue.objects.filter(order=late).exists()
    assert said(press(client, statement, "undo", reason="wrong shop"))[-1] == "Statement 2026-10 is undone."
    assert Settlement.objects.get().state == "undone"


def test_profits_are_for_those_who_may_see_margins(client, statement):
    order = Order.objects.order_by("pk").first()
    for role in (Role.CS_AGENT, Role.CS_LEAD, Role.WAREHOUSE, Role.MERCHANDISER):
        enter_as(client, role)
        assert client.get(reverse("admin:accounting_profit")).status_code == 403
        assert client.get(reverse("admin:accounting_profit_file")).status_code == 403
        assert client.get(reverse("admin:accounting_lineprofit_changelist")).status_code == 403
        assert "accounting/panels" not in page(client, "orders_order_change", order.pk)
        assert "₩9,000 · 90.0" not in page(client, "orders_order_change", order.pk)
    enter_as(client, Role.EC_MANAGER)
    assert "₩9,000 · 90.0 %" in page(client, "orders_order_change", order.pk)


def test_the_report_tells_sums_by_product_channel_and_month_and_goes_out(client, statement):
    enter_as(client, Role.ACCOUNTANT)
    loss = make_sale((make_variant(), 1, 0), sales_channel=statement.sales_channel)
    LineProfit.objects.all().update(day=date(2026, 10, 5))
    rebuild_profits(order_ids=[loss.pk])
    days = {"since": "2026-10-01", "until": "2026-10-31"}
    for by, words in (("product", "Product "), ("channel", "Mall"), ("month", "2026-10")):
        shown = page(client, "accounting_profit", by=by, **days)
        assert words in shown
        assert "₩19,000" in shown
    assert "Nothing was sold" in page(client, "accounting_profit", since="2020-01-01", until="2020-01-31")
    content = client.get(reverse("admin:accounting_profit_file"), {"by": "channel", **days}).content
    _title, head, row = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert (head[0], head[9]) == ("Name", "Profit")
    assert (row[0], row[1], row[4], row[5], row[9], row[10]) == ("Mall", "KRW", 20_000, -1000, 19_000, 95)
    answer = client.post(f"{reverse('admin:accounting_profit')}?since=2020-01-01")
    assert said(answer)[-1] == "Orders to be worked out anew: 3"


def test_advertising_is_spread_when_it_is_written(client, statement):
    enter_as(client, Role.EC_MANAGER)
    today = timezone.localdate().isoformat()
    values = {
        "sales_channel": statement.sales_channel_id, "campaign": "Autumn", "starts_on": today, "ends_on": today,
        "amount": "101", "currency": "KRW",
    }  # fmt: skip
    client.post(reverse("admin:accounting_adcost_add"), values)
    assert sorted(AdShare.objects.filter(ad_cost=AdCost.objects.get()).values_list("amount", flat=True)) == [50, 51]


def test_a_fee_rule_shows_what_it_takes_of_past_orders(client, statement):
    enter_as(client, Role.EC_MANAGER)
    rule = FeeRule.objects.create(
        sales_channel=statement.sales_channel, kind="commission", basis_points=550, currency="KRW",
        starts_on=timezone.localdate(),
    )  # fmt: skip
    shown = page(client, "accounting_feerule_change", rule.pk)
    for words in ("₩1,100", "₩550", "₩1,000"):
        assert words in shown
    assert said(press(client, rule, "apply"))[-1] == "Orders to be worked out anew: 2"
