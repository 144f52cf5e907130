"""On which day a waiting line can leave, on the order's page and in the list of what waits."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.display import moment_text
from inventory.models import StockPolicy
from inventory.selectors import shop_day
from inventory.services.moving import send_transfer
from orders.models import OrderStatus
from orders.selectors.promising import Promise, promised_for_orders, promises_of
from orders.services import confirm_orders
from tests.factories import make_order, make_stock, make_user, make_warehouse
from tests.inventory.moving import make_bundle, make_transfer

pytestmark = pytest.mark.django_db


def day(days):
    return shop_day() + timedelta(days=days)


def coming(days, pieces=5):
    """Return a stock item of which pieces are expected in so many days, and on what."""
    item = make_stock(on_hand=pieces)
    transfer = make_transfer((item, pieces), destination=make_warehouse(), expected_on=day(days))
    send_transfer(transfer_id=transfer.pk)
    return item, transfer


def waiting(variant, pieces, **over):
    order = make_order((variant, pieces), status=OrderStatus.TO_CONFIRM, **over)
    confirm_orders(order_ids=[order.pk])
    order.refresh_from_db()
    assert order.status == "awaiting_stock"
    return order


def promise(order):
    return promises_of(order_ids=[order.pk])[order.lines.get().pk]


def test_who_waited_longer_gets_the_pieces_that_come():
    item, _transfer = coming(3)
    later = waiting(item.variant, 4)
    first = waiting(item.variant, 2, placed_at=timezone.now() - timedelta(days=9))

    assert promise(first) == Promise(day(3))
    assert promise(later) == Promise(None)
    assert promised_for_orders(order_ids=[first.pk, later.pk]) == {first.pk: (day(3), False), later.pk: (None, False)}


def test_nothing_leaves_before_its_release():
    item, _transfer = coming(3)
    StockPolicy.objects.create(variant=item.variant, when_out="preorder", release_on=day(30))
    assert promise(waiting(item.variant, 1)) == Promise(day(30), released_on=day(30))


def test_an_arrival_that_is_late_is_named_and_counted_for_nobody():
    item, transfer = coming(-1)
    order = waiting(item.variant, 1)
    assert promise(order) == Promise(None, overdue=(transfer.number,))
    assert promised_for_orders(order_ids=[order.pk]) == {order.pk: (None, True)}


def test_a_bundle_waits_for_the_last_of_its_pieces():
    soon, _first = coming(2)
    late, _second = coming(8)
    order = waiting(make_bundle((soon.variant, 1), (late.variant, 1)), 1)
    assert promise(order) == Promise(day(8))


def test_what_is_reserved_or_shipped_promises_nothing():
    order = make_order((make_stock(on_hand=5).variant, 1), status=OrderStatus.TO_CONFIRM)
    confirm_orders(order_ids=[order.pk])
    assert promises_of(order_ids=[order.pk]) == {}
    assert promised_for_orders(order_ids=[order.pk]) == {}


def test_page_and_list_tell_the_day():
    item, _transfer = coming(3)
    other, late = coming(-2)
    good, bad = waiting(item.variant, 1), waiting(other.variant, 1)
    client = Client()
    client.force_login(make_user(permissions=["orders.view_order"]))

    def page(name, *args, **query):
        return client.get(reverse(f"admin:orders_order_{name}", args=args), query).content.decode()

    assert f"can leave {moment_text(day(3))}" in page("change", good.pk)
    told = page("change", bad.pk)
    assert ("no day is known" in told, f"{late.number} is late" in told) == (True, True)
    listed = page("changelist", tab="awaiting_stock")
    assert (moment_text(day(3)) in listed, "no day is known" in listed, "Can leave" in listed) == (True, True, True)
    assert "Can leave" not in page("changelist", tab="all")
