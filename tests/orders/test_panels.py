"""What orders show on the pages of customers and products and on the home page."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import OrderStatus
from tests.factories import make_customer, make_order, make_user, make_variant

pytestmark = pytest.mark.django_db

VIEW = ["orders.view_order"]


@pytest.fixture
def variant():
    return make_variant()


def rows(page, number):
    """Return what follows the links to an order, without tags but badges."""
    found = re.findall(rf">{number}</a>(.*?)(?:</tr>|</li>)", page.content.decode(), re.S)
    return [re.findall(r'<b class="badge (\w+)">([^<]+)</b>', text) for text in found]


def test_a_customers_orders_tell_their_state_as_a_badge(client, variant):
    customer = make_customer()
    make_order((variant, 1), number="O-1", customer=customer, status=OrderStatus.AWAITING_STOCK)
    client.force_login(make_user(permissions=[*VIEW, "customers.view_customer"]))
    page = client.get(reverse("admin:customers_customer_change", args=[customer.pk]))
    assert rows(page, "O-1") == [[("red", "Waiting for stock")]]


def test_a_products_orders_tell_their_state_as_a_badge(client, variant):
    make_order((variant, 1), number="O-1", status=OrderStatus.SHIPPED)
    client.force_login(make_user(permissions=[*VIEW, "catalog.view_product"]))
    page = client.get(reverse("admin:catalog_product_change", args=[variant.product_id]))
    assert rows(page, "O-1") == [[("green", "Shipped")]]


def test_the_buyers_other_orders_tell_their_state_as_a_badge(client, variant):
    customer = make_customer()
    make_order((variant, 1), number="O-1", customer=customer, status=OrderStatus.CANCELLED)
    order = make_order((variant, 1), number="O-2", customer=customer)
    client.force_login(make_user(permissions=[*VIEW, "customers.view_customer"]))
    page = client.get(reverse("admin:orders_order_change", args=[order.pk]))
    assert rows(page, "O-1") == [[("grey", "Cancelled")]]
    assert rows(page, "O-2") == []


def test_late_orders_of_the_home_page_tell_their_state_as_a_badge(client, variant):
    late = timezone.now() - timedelta(days=3, hours=1)
    order = make_order((variant, 1), number="O-1", status=OrderStatus.PARTLY_SHIPPED, ship_by=late)
    client.force_login(make_user(permissions=VIEW))
    page = client.get(reverse("admin:index"))
    assert rows(page, "O-1") == [[("amber", "Partly shipped")]]
    assert order.sales_channel.name in page.content.decode()
    assert "3 d" in page.content.decode()
