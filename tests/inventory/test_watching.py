"""Alerts open and close with the stock itself, and tell whom it concerns once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from core.events import deliver_due
from inventory.models import EntryKind, StockAlert
from inventory.selectors.shelves import shop_day
from inventory.services import (
    EntryLine,
    LotGiven,
    Need,
    StockRequest,
    post_entry,
    reserve_stock,
    set_alert_levels,
    settle_alerts,
    settle_expiring,
)
from staff.models import Notification
from tests.factories import make_stock, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer():
    user = make_user()
    user.groups.add(Group.objects.get_or_create(name="merchandiser")[0])
    return user


def reserve(item, key, quantity):
    need = Need(key=key, variant_id=item.variant_id, quantity=quantity)
    reserve_stock(requests=[StockRequest(reference=key, needs=[need])])


def deliver():
    while deliver_due():
        pass


def alerts(item):
    rows = StockAlert.objects.filter(stock_item=item).order_by("pk")
    return [(row.kind, row.available, row.closed_at is None) for row in rows]


def receive(item, quantity, **over):
    line = EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=quantity, **over)
    post_entry(kind=EntryKind.RECEIPT, lines=[line])


def test_low_then_out_then_neither(buyer):
    item = make_stock(on_hand=10, low_at=3)
    deliver()
    assert alerts(item) == []
    reserve(item, "a", 7)
    deliver()
    assert alerts(item) == [("low", 3, True)]
    reserve(item, "b", 3)
    deliver()
    assert alerts(item) == [("low", 3, False), ("out", 0, True)]
    receive(item, 1)
    deliver()
    assert alerts(item) == [("low", 3, False), ("out", 0, False), ("low", 1, True)]
    receive(item, 50)
    deliver()
    assert [is_open for _kind, _available, is_open in alerts(item)] == [False] * 3
    told = Notification.objects.filter(user=buyer).order_by("pk")
    assert [(row.data["reason"], row.data["count"]) for row in told] == [("low", 3), ("out", 0), ("low", 1)]


def test_again_tells_nobody_again(buyer):
    item = make_stock(on_hand=2, low_at=3)
    assert settle_alerts(stock_item_ids=[item.pk]) == 1
    assert settle_alerts(stock_item_ids=[item.pk]) == 0
    assert Notification.objects.count() == 1


def test_without_a_level_nobody_asked(buyer):
    item = make_stock(on_hand=1)
    reserve(item, "a", 1)
    deliver()
    assert alerts(item) == []


def test_another_level_opens_and_closes(buyer):
    item = make_stock(on_hand=5)
    place = (item.variant_id, item.warehouse_id)
    set_alert_levels(levels={place: 5})
    deliver()
    assert alerts(item) == [("low", 5, True)]
    set_alert_levels(levels={place: 4})
    deliver()
    assert alerts(item) == [("low", 5, False)]


def test_a_lot_that_ends_soon(buyer):
    item = make_stock(on_hand=0)
    receive(item, 4, lot=LotGiven(number="L-1", expires_on=shop_day() + timedelta(days=30)))
    receive(item, 4, lot=LotGiven(number="L-2", expires_on=shop_day() + timedelta(days=31)))
    assert settle_expiring() == 1
    assert settle_expiring() == 0
    assert alerts(item) == [("expiring", 8, True)]
    post_entry(
        kind=EntryKind.COUNT,
        lines=[
            EntryLine(
                variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=0, lot=LotGiven(number="L-1")
            )
        ],
    )
    assert settle_expiring() == 1
    assert alerts(item) == [("expiring", 8, False)]
