"""What is masked cannot be searched for either: hit or no hit would tell it letter by letter."""

import pytest
from django.urls import reverse

from customers.services import create_customer
from orders.models import Order
from orders.services import edit_order
from tests.factories import make_order, make_stock, make_user

pytestmark = pytest.mark.django_db

SEE = "customers.see_contact_data"


@pytest.fixture
def order() -> Order:
    made = make_order((make_stock().variant, 1), external_number="X-77")
    return edit_order(
        order_id=made.pk,
        changes={"recipient_name": "김민준", "recipient_kana": "キムミンジュン", "buyer_email": "minjun@example.org"},
    )


def hits(client, view, query):
    page = client.get(reverse(f"admin:{view}_changelist"), {"q": query})
    return page.context_data["cl"].result_count


@pytest.mark.parametrize("query", ["김민", "민준", "김민준", "キム", "minjun", "m", "@example"])
def test_names_and_addresses_are_found_only_by_those_who_may_see_them(client, order, query):
    client.force_login(make_user(permissions=["orders.view_order"]))
    assert hits(client, "orders_order", query) == 0
    client.force_login(make_user(permissions=["orders.view_order", SEE]))
    assert hits(client, "orders_order", query) == 1


def test_numbers_are_found_by_all(client, order):
    client.force_login(make_user(permissions=["orders.view_order"]))
    assert [hits(client, "orders_order", query) for query in (order.number, "X-77", "X-78")] == [1, 1, 0]


def test_the_search_box_keeps_the_same_silence(client, order):
    address = reverse("admin:search")
    client.force_login(make_user(permissions=["orders.view_order"]))
    assert order.number not in client.get(address, {"s": "김민"}).content.decode()
    client.force_login(make_user(permissions=["orders.view_order", SEE]))
    assert order.number in client.get(address, {"s": "김민"}).content.decode()


@pytest.mark.parametrize("query", ["이서", "0109876", "seoyeon@"])
def test_customers_are_found_only_by_those_who_may_see_them(client, query):
    create_customer(name="이서연", phone="010-9876-5432", email="seoyeon@example.org")
    client.force_login(make_user(permissions=["customers.view_customer"]))
    assert hits(client, "customers_customer", query) == 0
    client.force_login(make_user(permissions=["customers.view_customer", SEE]))
    assert hits(client, "customers_customer", query) == 1
