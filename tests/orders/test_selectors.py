"""Reads about orders."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from core.events import deliver_due
from inventory.models import EntryKind
from inventory.services import EntryLine, post_entry
from orders.models import Order, OrderStatus
from orders.policies import has_unmatched_line, is_late, is_payable, is_refundable, is_returnable
from orders.selectors import (
    ChannelSales,
    DaySales,
    late_orders,
    latest_orders_of_product,
    lines_of_order,
    orders_to_ship,
    problems_of_order,
    sales_by_channel,
    sales_by_day,
    short_skus,
)
from orders.services import cancel_order, confirm_orders, ship_order, ship_orders
from orders.tasks import allocate_waiting
from tests.factories import make_channel, make_order, make_stock, make_variant
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 3, tzinfo=UTC)  # in Seoul


def test_sales_are_by_the_shops_day_channel_and_currency():
    seoul, osaka = make_channel(), make_channel(currency="JPY", country="JP")
    shirt = make_variant()
    for channel, pieces, placed in [
        (seoul, 1, datetime(2026, 3, 9, 15, 0, tzinfo=UTC)),  # midnight in Seoul: the tenth has begun
        (seoul, 2, NOON),
        (seoul, 4, datetime(2026, 3, 9, 14, 59, tzinfo=UTC)),  # the ninth
        (osaka, 8, NOON),
        (osaka, 16, datetime(2026, 3, 7, 15, tzinfo=UTC)),  # the eighth: first of three days
        (osaka, 32, datetime(2026, 3, 7, 14, 59, tzinfo=UTC)),  # the seventh
        (osaka, 64, datetime(2026, 3, 10, 15, tzinfo=UTC)),  # tomorrow
    ]:
        make_order((shirt, pieces), sales_channel=channel, placed_at=placed)
    gone = make_order((shirt, 99), sales_channel=seoul, placed_at=NOON)
    cancel_order(order_id=gone.pk, reason="x")

    assert sales_by_day(days=3, now=NOON) == [
        DaySales(date(2026, 3, 8), osaka.pk, "JPY", 1, 16000),
        DaySales(date(2026, 3, 9), seoul.pk, "KRW", 1, 4000),
        DaySales(date(2026, 3, 10), seoul.pk, "KRW", 2, 3000),
        DaySales(date(2026, 3, 10), osaka.pk, "JPY", 1, 8000),
    ]
    assert sales_by_channel(days=3, now=NOON) == [
        ChannelSales(seoul, "KRW", 3000, 2, 7000, 3, [0, 4000, 3000]),
        ChannelSales(osaka, "JPY", 8000, 1, 24000, 2, [16000, 0, 8000]),
    ]


def test_late_orders_are_open_and_past_their_promise():
    item, now = make_stock(on_hand=50), timezone.now()
    later, soon, past, none, shipped = (
        make_order((item.variant, 1), ship_by=at)
        for at in (now - timedelta(hours=1), now + timedelta(hours=1), now - timedelta(days=1), None, now)
    )
    confirm_orders(order_ids=[later.pk, soon.pk, shipped.pk])
    ship_orders(order_ids=[shipped.pk])

    assert list(late_orders()) == [past, later]
    assert list(orders_to_ship()) == [Order.objects.get(pk=later.pk), Order.objects.get(pk=soon.pk)]
    assert [is_late(order) for order in (past, soon, none)] == [True, False, False]


def test_lines_show_what_became_of_their_pieces(django_assert_num_queries):
    item = make_stock(on_hand=9)
    order = make_order((item.variant, 3), shipping=500)
    confirm_orders(order_ids=[order.pk])
    ship_order(order_id=order.pk, quantities={order.lines.first().pk: 1})

    with django_assert_num_queries(1):
        goods, shipping = lines_of_order(order.pk)

    assert (goods.held_count, goods.product_id, goods.unit_price) == (2, item.variant.product_id, Decimal(1000))
    assert goods.badges == [("2 reserved", "blue"), ("1 shipped", "green")]
    assert (shipping.badges, shipping.product_id) == ([], None)
    unknown = make_order((None, 1))
    assert lines_of_order(unknown.pk)[0].badges == [("Product unknown", "red")]
    assert has_unmatched_line(unknown)
    assert is_returnable(order)
    assert is_payable(order)
    assert not is_refundable(order)
    assert list(latest_orders_of_product(item.variant.product_id)) == [order]


def test_a_new_order_says_what_is_to_be_checked():
    order = make_order((None, 1), status=OrderStatus.NEW, to_check="unknown_sku,total")
    assert problems_of_order(order) == [
        "A line has no known SKU: match it to a variant.",
        "The lines do not add up to the total that the channel stated.",
    ]


def test_what_an_order_waits_for_is_named_and_a_receipt_moves_it_on():
    short, plenty = make_stock(on_hand=1), make_stock(on_hand=9)
    order = make_order((plenty.variant, 1), (short.variant, 2), (short.variant, 1))
    confirm_orders(order_ids=[order.pk])
    assert short_skus(order.pk) == [short.variant.sku]

    line = EntryLine(variant_id=short.variant_id, warehouse_id=short.warehouse_id, quantity=2)
    post_entry(kind=EntryKind.RECEIPT, lines=[line])
    while deliver_due():
        pass

    order.refresh_from_db()
    assert order.status == OrderStatus.TO_SHIP
    assert short_skus(order.pk) == []
    allocate_waiting()
    allocate_waiting()
    assert_sound()


def test_sales_are_read_from_one_index():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'orders_order_placed'")
        [definition] = cursor.fetchone()
    assert definition.endswith("(placed_at DESC, id DESC) INCLUDE (sales_channel_id, currency, total, status)")
