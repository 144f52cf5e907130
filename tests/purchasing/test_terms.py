"""What a piece costs is one truth: proposals, drafted orders and screens read the same price list."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from purchasing.models import ExchangeRate, Forecast, PriceBreak, PurchaseBudget, PurchaseOrderLine, ReorderProposal
from purchasing.selectors.budgets import budget_uses
from purchasing.selectors.terms import breaks_on, price_at, price_from
from purchasing.services.replenishing.deciding import order_proposals
from purchasing.services.replenishing.proposing import propose
from tests.factories import make_stock
from tests.purchasing.making import make_supplier, make_supplier_item

JANUARY, JUNE = date(2026, 1, 1), date(2026, 6, 1)
# the list of June knows two breaks only, that of January three
BREAKS = [(JANUARY, 1, 120), (JANUARY, 50, 110), (JANUARY, 100, 60), (JUNE, 10, 130), (JUNE, 200, 90)]


@pytest.mark.parametrize(
    ("on", "quantity", "price"),
    [
        (date(2025, 12, 31), 500, None),
        (JANUARY, 1, 120),
        (date(2026, 5, 31), 100, 60),
        (JUNE, 1, 130),  # below its smallest break
        (JUNE, 100, 130),  # the cheap hundred of January is over
        (JUNE, 200, 90),
    ],
)
def test_the_latest_list_that_has_begun_replaces_the_older_as_a_whole(on, quantity, price):
    assert price_from(BREAKS, quantity, on) == price


def test_breaks_of_a_day():
    assert breaks_on(BREAKS, JUNE) == [(10, 130), (200, 90)]
    assert (breaks_on(BREAKS, date(2025, 1, 1)), price_at([], 5)) == ([], None)


@pytest.mark.django_db
@pytest.mark.parametrize("currency", ["KRW", "JPY", "USD"])
def test_a_proposal_costs_what_its_order_will_cost(currency):
    today = timezone.localdate()
    stock = make_stock(on_hand=30)
    Forecast.objects.create(
        variant=stock.variant, method="average", starts_on=today, daily_mean=Decimal(4), daily_deviation=Decimal(2)
    )
    item = make_supplier_item(stock.variant, make_supplier(lead_days=9, currency=currency))
    days = {"old": today - timedelta(days=40), "new": today - timedelta(days=2), "next": today + timedelta(days=1)}
    for day, least, price in (("old", 1, 100), ("old", 120, 10), ("new", 12, 90), ("new", 500, 85), ("next", 1, 1)):
        PriceBreak.objects.create(item=item, starts_on=days[day], from_quantity=least, price=price)
    ExchangeRate.objects.update_or_create(currency="JPY", starts_on=today, defaults={"rate": Decimal(9)})
    ExchangeRate.objects.update_or_create(currency="USD", starts_on=today, defaults={"rate": Decimal(1400)})
    PurchaseBudget.objects.create(month=today.replace(day=1), currency="KRW", amount=10**9)

    propose(today=today)

    [row] = ReorderProposal.objects.all()  # 128 pieces of the list of the day before yesterday
    assert (row.quantity, row.figures["unit_price"], row.amount) == (128, 90, 11_520)
    in_won = {"KRW": 11_520, "JPY": 103_680, "USD": 161_280}[currency]  # cents are a hundredth of a dollar
    assert [use.proposed for use in budget_uses(today=today)] == [in_won]
    [order] = order_proposals(proposal_ids=[row.pk])
    assert (order.currency, order.total) == (currency, 11_520)
    assert list(PurchaseOrderLine.objects.values_list("quantity", "unit_price")) == [(128, 90)]
