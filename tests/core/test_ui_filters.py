"""Filters mean what the reader means: their own time zone, whole days."""

from datetime import UTC, datetime

import pytest

from orders.models import Order
from tests.factories import make_order, make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/orders/order/"


@pytest.fixture
def orders(client):
    """Two orders at 23:30 of 1 June and 00:30 of 2 June in London, both 2 June in Seoul."""
    client.force_login(make_user(is_superuser=True, time_zone="Europe/London"))
    return [
        make_order(number=f"O-{minute}", placed_at=datetime(2026, 6, 1, 22 + minute // 60, minute % 60, tzinfo=UTC))
        for minute in (30, 90)
    ]


def found(client, query):
    page = client.get(f"{LIST}?tab=all&{query}")
    assert page.status_code == 200
    return sorted(order.number for order in page.context["cl"].result_list)


def test_a_range_is_in_the_readers_zone(client, orders):
    assert found(client, "placed_at_from_0=2026-06-02&placed_at_from_1=00:00") == ["O-90"]
    assert found(client, "placed_at_to_0=2026-06-01&placed_at_to_1=23:59") == ["O-30"]


def test_a_day_without_a_time_counts_whole(client, orders):
    assert found(client, "placed_at_from_0=2026-06-01&placed_at_to_0=2026-06-01") == ["O-30"]
    assert found(client, "placed_at_from_0=2026-06-02&placed_at_to_0=2026-06-02") == ["O-90"]


def test_what_is_no_date_is_refused(client, orders):
    assert client.get(f"{LIST}?tab=all&placed_at_from_0=yesterday").status_code == 400
    assert Order.objects.count() == 2
