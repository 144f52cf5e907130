"""Proposals open, are refreshed and close by themselves."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from inventory.models import EntryKind
from inventory.services import EntryLine, post_entry
from purchasing.models import Forecast, PriceBreak, ReorderProposal
from purchasing.services.replenishing.proposing import propose
from tests.factories import make_order, make_stock, make_variant, make_warehouse
from tests.purchasing.making import make_purchase_order, make_supplier, make_supplier_item

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


@pytest.fixture
def item():
    """Four a day, nine days until they come, thirty left: the example of test_levels."""
    stock = make_stock(on_hand=30)
    Forecast.objects.create(
        variant=stock.variant, method="average", starts_on=TODAY, daily_mean=Decimal(4), daily_deviation=Decimal(2)
    )
    item = make_supplier_item(stock.variant, make_supplier(lead_days=9), pack_size=6)
    PriceBreak.objects.create(item=item, starts_on=TODAY - timedelta(days=1), price=500)
    return item


def opened():
    return list(ReorderProposal.objects.filter(state="open"))


def test_what_falls_to_its_reorder_point_is_proposed_with_its_reasons(item):
    # z(95) x sqrt(9 x 4) = 10; 36 + 10 = 46; up to 4 x (9 + 28) + 10 = 158; 128 wanted, in sixes 132
    done = propose(today=TODAY)
    [row] = opened()
    assert (done.opened, done.refreshed, done.gone) == (1, 0, 0)
    assert (row.quantity, row.amount, row.reorder_point, row.position) == (132, 66_000, 46, 30)
    assert (row.runs_out_on, row.order_by) == (TODAY + timedelta(days=7), TODAY - timedelta(days=2))
    assert (row.item, row.figures["notes"], row.figures["lead_count"]) == (item, ["pack"], 0)


def test_again_on_the_same_day_it_is_the_same_proposal(item):
    propose(today=TODAY)
    [before] = opened()
    done = propose(today=TODAY)
    [after] = opened()
    assert (done.opened, done.refreshed, done.gone) == (0, 1, 0)
    assert (after.pk, after.quantity) == (before.pk, 132)


def test_what_was_ordered_closes_it_and_a_draft_counts_too(item):
    propose(today=TODAY)
    [row] = opened()
    make_purchase_order((item.variant, 132), state="draft", approved_at=None, warehouse=row.warehouse)
    assert propose(today=TODAY).gone == 1
    row.refresh_from_db()
    assert (row.state, row.closed_at is not None, opened()) == ("gone", True, [])


def test_a_delivery_closes_it(item):
    propose(today=TODAY)
    [row] = opened()
    line = EntryLine(variant_id=item.variant_id, warehouse_id=row.warehouse_id, quantity=100)
    post_entry(kind=EntryKind.RECEIPT, lines=[line])
    assert (propose(today=TODAY).gone, opened()) == (1, [])


def test_snoozed_until_its_day(item):
    propose(today=TODAY)
    ReorderProposal.objects.update(state="snoozed", snoozed_until=TODAY + timedelta(days=3))
    propose(today=TODAY + timedelta(days=2))
    assert opened() == []
    propose(today=TODAY + timedelta(days=3))
    assert [row.snoozed_until for row in opened()] == [None]


def test_dismissed_stays_dismissed_until_stock_has_changed(item):
    propose(today=TODAY)
    ReorderProposal.objects.update(state="dismissed")
    assert propose(today=TODAY).opened == 0
    make_order((item.variant, 5), status="awaiting_stock")
    assert propose(today=TODAY).opened == 1


def test_without_a_forecast_only_what_is_owed_is_proposed():
    owed, idle = make_stock(on_hand=1).variant, make_variant()
    make_stock(idle, on_hand=0)
    make_order((owed, 4), status="awaiting_stock")
    propose(today=TODAY)
    assert [(row.variant, row.quantity, row.item, row.amount) for row in opened()] == [(owed, 3, None, None)]


def test_ended_products_are_no_longer_proposed(item):
    propose(today=TODAY)
    product = item.variant.product
    product.status = "ended"
    product.save(update_fields=["status"])
    assert (propose(today=TODAY).gone, opened()) == (1, [])


def test_demand_is_split_over_warehouses_that_hold_it(item):
    second = make_warehouse(rank=9)
    make_stock(item.variant, on_hand=40, warehouse=second)
    propose(today=TODAY)
    # two a day each: 18 + 1.645 x sqrt(9 x 2) = 25; thirty and forty pieces are enough
    assert opened() == []
