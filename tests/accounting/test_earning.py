"""What order lines earned: exact parts in four currencies, estimates replaced by what was settled, sums that add up."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounting.admin.profits import losses_tile
from accounting.models import (
    PARTS,
    AdCost,
    AdShare,
    ChannelTerms,
    FeeRule,
    GoodsTax,
    LineProfit,
    ProfitDue,
    ProfitProgress,
)
from accounting.services import (
    StatementHead,
    StatementLine,
    gather_changed,
    match_settlement,
    queue_channels,
    rebuild_due,
    rebuild_profits,
    spread_ads,
    take_settlement,
    undo_settlement,
)
from accounting.tasks import compute_profits
from core.errors import InvalidInput, NotAllowed
from orders.models import LineKind, Order, OrderLine, OrderStatus, Payment, Shipment, ShipmentLine
from orders.services import confirm_order, record_return, ship_order
from purchasing.models import ExchangeRate
from purchasing.services import set_unknown_cost, value_movements
from shipping.models import Carrier, ParcelCost
from tests.accounting.making import CURRENCIES, make_sale, make_seller
from tests.factories import make_channel, make_stock, make_user, make_variant

pytestmark = pytest.mark.django_db

LONG_AGO = date(2020, 1, 1)


@pytest.fixture(autouse=True)
def _in_won(settings):
    settings.SHOP_CURRENCY = "KRW"


def parts(row, *names):
    row.refresh_from_db()
    return tuple(getattr(row, name) for name in names)


def earned(order):
    rebuild_profits(order_ids=[order.pk])
    return list(LineProfit.objects.filter(order=order).order_by("order_line"))


def commission(channel, basis_points, **over):
    values = {"kind": "commission", "currency": channel.currency, "starts_on": LONG_AGO}
    return FeeRule.objects.create(sales_channel=channel, basis_points=basis_points, **{**values, **over})


def settle(order, *lines, reference="S-1"):
    settlement, _fresh = take_settlement(
        sales_channel_id=order.sales_channel_id,
        head=StatementHead(reference=reference, currency=order.currency),
        lines=[
            StatementLine(kind=kind, amount=amount, external_number=order.external_number, external_line=external)
            for kind, amount, external in lines
        ],
    )
    match_settlement(settlement_id=settlement.pk)
    return settlement


def test_a_shipped_line_tells_all_its_parts():
    make_seller("KR")
    cup, pot = make_variant(weight_g=300), make_variant(weight_g=100)
    for variant, cost in ((cup, 4000), (pot, 7000)):
        make_stock(variant, on_hand=5)
        while value_movements():
            pass
        set_unknown_cost(variant_id=variant.pk, unit_cost=Decimal(cost), reason="List")
    order = make_sale((cup, 2, 20_000), (pot, 1, 10_000), shipping=3000, discount=1000)
    commission(order.sales_channel, 550)
    ChannelTerms.objects.create(
        sales_channel=order.sales_channel, starts_on=LONG_AGO, discount_share=5000, packaging=500
    )
    confirm_order(order_id=order.pk)
    estimates = earned(order)
    assert [row.goods_cost for row in estimates] == [-8000, -7000]
    assert [(row.is_cost_known, row.is_cost_final, row.is_shipping_known) for row in estimates] == [
        (True, False, False)
    ] * 2
    goods = list(order.lines.filter(kind=LineKind.PRODUCT).order_by("position"))
    [shipment] = ship_order(order_id=order.pk, quantities={goods[0].pk: 2, goods[1].pk: 1})
    carrier = Carrier.objects.create(code="c1", name="Carrier", country="KR")
    ParcelCost.objects.create(shipment=shipment, carrier=carrier, base_amount=2500, currency="KRW")
    while value_movements():
        pass
    first, second = earned(order)
    # 32,000 with tax of 1/11; the fee of goods without discount; carriage by 600 g : 100 g
    assert parts(first, "sales", "charged", "discount", "support") == (20_000, 2000, -667, 334)
    assert parts(second, "sales", "charged", "discount", "support") == (10_000, 1000, -333, 166)
    assert (first.tax, second.tax, first.tax + second.tax) == (-1939, -970, -2909)
    assert (first.fee, second.fee) == (-1063, -532)
    assert (first.shipping, second.shipping, first.packaging, second.packaging) == (-2143, -357, -429, -71)
    assert (first.goods_cost, second.goods_cost) == (-8000, -7000)
    assert first.profit == 20_000 + 2000 - 667 + 334 - 1939 - 1063 - 2143 - 429 - 8000
    assert (first.is_cost_final, first.is_shipping_known, first.is_fee_settled, first.is_final) == (
        True, True, False, False,
    )  # fmt: skip
    assert first.revenue == 20_000 + 2000 - 667 + 334 - 1939


def test_what_was_settled_replaces_estimates_and_comes_back_when_undone():
    order = make_sale((make_variant(), 1, 10_000), (make_variant(), 1, 20_000), discount=3000)
    commission(order.sales_channel, 1000)
    assert [(row.fee, row.support) for row in earned(order)] == [(-900, 0), (-1800, 0)]
    settlement = settle(
        order, ("sale", 30_000, ""), ("coupon", -2000, ""), ("fee", -1234, "1"), ("fee", -300, ""),
        ("points", -90, ""),
    )  # fmt: skip
    first, second = earned(order)
    assert (first.fee, second.fee) == (-1234 - 100, -200)
    assert (first.points, second.points) == (-30, -60)
    assert (first.support, second.support) == (333, 667)
    assert (first.is_fee_settled, second.is_fee_settled) == (True, True)
    undo_settlement(settlement_id=settlement.pk, reason="wrong")
    assert [(row.fee, row.points, row.is_fee_settled) for row in earned(order)] == [
        (-900, 0, False),
        (-1800, 0, False),
    ]


def test_a_fee_settled_for_one_line_leaves_the_estimate_of_the_other():
    order = make_sale((make_variant(), 1, 10_000), (make_variant(), 1, 20_000))
    commission(order.sales_channel, 1000)
    settle(order, ("fee", -777, "1"))
    assert [(row.fee, row.is_fee_settled) for row in earned(order)] == [(-777, True), (-2000, False)]


def test_the_nearest_and_newest_fee_rule_counts_and_kinds_add_up():
    order = make_sale((make_variant(), 1, 10_000), (make_variant(), 1, 10_000), shipping=2000)
    channel, product = order.sales_channel, order.lines.get(external_id="1").variant.product
    today = timezone.localdate()
    commission(channel, 1000)
    commission(channel, 800, starts_on=today - timedelta(days=1))
    commission(channel, 10_000, starts_on=today + timedelta(days=1))
    commission(channel, 500, product=product, minimum=600)
    commission(channel, 300, kind="payment", is_of_shipping=True, fixed=7)
    commission(channel, 9000, kind="other", currency="USD")
    assert [row.fee for row in earned(order)] == [-(600 + 330 + 7), -(800 + 330 + 7)]


def test_refunds_take_their_tax_back_and_what_was_paid_too_much_is_none():
    make_seller("KR")
    order = make_sale((make_variant(), 1, 11_000), (make_variant(), 1, 22_000), discount=3300)
    at = timezone.now()
    Payment.objects.create(order=order, kind="capture", amount=30_700, currency="KRW", paid_at=at)
    Payment.objects.create(order=order, kind="refund", amount=1000, currency="KRW", paid_at=at)
    assert [row.refunded for row in earned(order)] == [0, 0]
    Payment.objects.create(order=order, kind="refund", amount=29_700, currency="KRW", paid_at=at)
    rows = earned(order)
    assert [(row.paid, row.tax, row.refunded, row.revenue) for row in rows] == [
        (9900, -900, -9000, 0),
        (19_800, -1800, -18_000, 0),
    ]


def test_what_comes_back_of_an_order_with_a_coupon_is_worth_what_was_paid_for_it():
    goods = [make_variant(), make_variant()]
    for variant in goods:
        make_stock(variant, on_hand=2)
    order = make_sale((goods[0], 1, 10_000), (goods[1], 2, 20_000), discount=3000)
    confirm_order(order_id=order.pk)
    ship_order(order_id=order.pk)
    first, second = order.lines.filter(kind=LineKind.PRODUCT).order_by("position")
    record_return(order_id=order.pk, quantities={second.pk: 1})
    # 10,000 less a third of the coupon; the line that stayed bears nothing of it
    assert [(row.refunded, row.is_refund_final) for row in earned(order)] == [(0, False), (-9000, False)]
    record_return(order_id=order.pk, quantities={first.pk: 1, second.pk: 1})
    assert [(row.paid, row.refunded) for row in earned(order)] == [(9000, -9000), (18_000, -18_000)]


def test_losses_of_thirty_days_stand_on_the_home_page(rf):
    assert losses_tile(rf.get("/")) is None
    order = make_sale((make_variant(), 1, 10_000), (make_variant(), 1, 10_000))
    commission(order.sales_channel, 10_000, fixed=500)
    assert [row.profit < 0 for row in earned(order)] == [True, True]
    shown = losses_tile(rf.get("/"))
    assert (shown.value, shown.level) == ("2", "warning")
    LineProfit.objects.update(day=timezone.localdate() - timedelta(days=31))
    assert losses_tile(rf.get("/")) is None


def test_cancelled_pieces_and_unsold_orders_earn_nothing():
    order = make_sale((make_variant(), 3, 10_000), (make_variant(), 1, 5000))
    first = order.lines.order_by("position").first()
    OrderLine.objects.filter(pk=first.pk).update(cancelled_count=1)
    assert [(row.quantity, row.sales) for row in earned(order)] == [(2, 6667), (1, 5000)]
    OrderLine.objects.filter(pk=first.pk).update(cancelled_count=3)
    assert [row.sales for row in earned(order)] == [5000]
    Order.objects.filter(pk=order.pk).update(status=OrderStatus.CANCELLED)
    assert earned(order) == []


def test_costs_in_won_are_told_in_the_currency_of_the_order():
    ExchangeRate.objects.create(currency="USD", starts_on=LONG_AGO, rate=1300)
    ExchangeRate.objects.create(currency="JPY", starts_on=LONG_AGO, rate=9)
    variant = make_variant()
    make_stock(variant)
    while value_movements():
        pass
    set_unknown_cost(variant_id=variant.pk, unit_cost=Decimal(13_000), reason="List")
    found = {}
    for country in ("KR", "JP", "US", "DE"):
        order = make_sale((variant, 2, 99_999), country=country)
        [row] = earned(order)
        found[CURRENCIES[country]] = (row.goods_cost, row.is_cost_known, row.is_tax_known)
    assert found == {
        "KRW": (-26_000, True, False),
        "JPY": (-2889, True, False),
        "USD": (-2000, True, False),
        "EUR": (0, False, False),  # nobody has written its rate
    }


def test_advertising_is_spread_to_the_last_unit_and_follows_what_is_sold():
    variant, other = make_variant(), make_variant()
    channel = make_channel()
    orders = [make_sale((variant, 1, 1000), sales_channel=channel) for _ in range(3)]
    rebuild_profits(order_ids=[order.pk for order in orders])
    today = timezone.localdate()
    days = {"starts_on": today, "ends_on": today, "currency": "KRW", "sales_channel": channel}
    cost = AdCost.objects.create(amount=100, **days)
    assert spread_ads(ad_cost_ids=[cost.pk]) == 3
    rows = LineProfit.objects.order_by("pk")
    assert [(row.ads, row.profit) for row in rows] == [(-34, 966), (-33, 967), (-33, 967)]
    more = make_sale((other, 1, 3000), sales_channel=channel)
    rebuild_profits(order_ids=[more.pk])
    assert [row.ads for row in rows.all()] == [-17, -17, -16, -50]
    only = AdCost.objects.create(amount=7, product=other.product, **days)
    spread_ads(ad_cost_ids=[only.pk])
    assert [row.ads for row in rows.all()] == [-17, -17, -16, -57]
    Order.objects.filter(pk=more.pk).update(status=OrderStatus.CANCELLED)
    rebuild_profits(order_ids=[more.pk])
    assert [row.ads for row in rows.all()] == [-34, -33, -33]
    assert AdShare.objects.filter(ad_cost=only).count() == 0
    assert AdShare.objects.aggregate(all=Sum("amount"))["all"] == 100
    assert spread_ads(ad_cost_ids=[]) == 0


def test_what_has_changed_is_gathered_and_worked_out_once():
    make_stock(variant := make_variant())
    order = make_sale((variant, 1, 1000))
    while value_movements():
        pass
    assert gather_changed() == 0
    confirm_order(order_id=order.pk)
    assert gather_changed() == 1
    assert (compute_profits(), rebuild_due()) == (1, 0)
    row = LineProfit.objects.get()
    assert not row.is_cost_final
    ship_order(order_id=order.pk, quantities={row.order_line_id: 1})
    ProfitProgress.objects.update(event_id=10**12)  # as if the news had been looked at before the cost was booked
    assert gather_changed() == 0
    while value_movements():
        pass
    assert gather_changed() == 1
    assert rebuild_due() == 1
    row.refresh_from_db()
    assert row.is_cost_final
    carrier = Carrier.objects.create(code="c1", name="Carrier", country="KR")
    ParcelCost.objects.create(shipment=Shipment.objects.get(), carrier=carrier, base_amount=9, currency="KRW")
    assert (gather_changed(), rebuild_due()) == (1, 1)
    row.refresh_from_db()
    assert row.shipping == -9


def test_a_channel_is_worked_out_anew_by_right():
    order = make_sale((make_variant(), 1, 1000))
    today = timezone.localdate()
    with pytest.raises(NotAllowed):
        queue_channels(channel_ids=[order.sales_channel_id], since=today, actor=make_user())
    with pytest.raises(InvalidInput):
        queue_channels(channel_ids=[order.sales_channel_id], since=today, until=today - timedelta(days=1))
    assert queue_channels(channel_ids=[order.sales_channel_id], since=today + timedelta(days=1)) == 0
    assert not ProfitDue.objects.exists()
    assert queue_channels(channel_ids=[order.sales_channel_id], since=today, until=today) == 1
    assert rebuild_due() == 1


def test_a_profit_that_does_not_add_up_is_refused_by_the_database():
    [row] = earned(make_sale((make_variant(), 1, 1000)))
    with pytest.raises(IntegrityError, match="accounting_lineprofit_adds_up"), transaction.atomic():
        LineProfit.objects.filter(pk=row.pk).update(profit=F("profit") + 1)


amounts = st.integers(min_value=0, max_value=10**9)


@settings(max_examples=25)
@example(
    country="KR", totals=[1], charged=0, discount=1, refund=0, fee=0, parcel=0, reduced=False
)  # given away, the channel pays
@given(
    country=st.sampled_from(["KR", "JP", "US", "DE"]),
    totals=st.lists(amounts, min_size=1, max_size=5),
    charged=amounts,
    discount=st.integers(0, 10**6),
    refund=amounts,
    fee=amounts,
    parcel=amounts,
    reduced=st.booleans(),
)
def test_the_parts_of_all_lines_are_what_they_were_split_from(
    country, totals, charged, discount, refund, fee, parcel, reduced
):
    with transaction.atomic():
        make_seller(country)
        discount = min(discount, sum(totals))
        order = make_sale(
            *((make_variant(), 1, total) for total in totals), country=country, shipping=charged, discount=discount
        )
        goods = list(order.lines.filter(kind=LineKind.PRODUCT).order_by("position"))
        if reduced and country in ("JP", "DE"):
            GoodsTax.objects.create(
                country=country, product=goods[0].variant.product, tax_class="reduced", starts_on=LONG_AGO
            )
        Order.objects.filter(pk=order.pk).update(status=OrderStatus.SHIPPED)
        settle(order, ("sale", 1, ""), ("fee", -fee, ""))
        refund = min(refund, order.total)
        now = timezone.now()
        Payment.objects.create(
            order=order, kind="capture", amount=order.total + 1, currency=order.currency, paid_at=now
        )
        if refund:
            Payment.objects.create(order=order, kind="refund", amount=refund + 1, currency=order.currency, paid_at=now)
        shipment = Shipment.objects.create(number=f"H{order.pk}", order=order, shipped_at=now)
        ShipmentLine.objects.bulk_create(ShipmentLine(shipment=shipment, line=one, quantity=1) for one in goods)
        carrier = Carrier.objects.create(code=f"c{order.pk}", name="Carrier", country=country)
        ParcelCost.objects.create(shipment=shipment, carrier=carrier, base_amount=parcel, currency=order.currency)
        rows = earned(order)
        assert [row.sales for row in rows] == totals
        assert sum(row.paid for row in rows) == order.total
        assert sum(row.fee for row in rows) == -fee
        assert sum(row.shipping for row in rows) == -parcel
        assert all(row.profit == sum(getattr(row, name) for name in PARTS) for row in rows)
        # of a whole refund only what the channel bears is left; of a part never more tax comes back than was in it
        back = sum(row.refunded for row in rows)
        assert -refund <= back <= -refund - sum(row.tax for row in rows)
        if refund == order.total:
            assert sum(row.revenue for row in rows) == sum(row.support for row in rows)
        transaction.set_rollback(True)
