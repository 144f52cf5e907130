"""A page asks the database as often for many rows as for few: no query hides in a cell, a panel or a dialog."""

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Product, Variant
from core.models import EventRecord, Job
from customers.models import Customer
from inventory.models import StockEntry, StockItem, StockMovement
from inventory.services import Need, StockRequest, reserve_stock
from orders.models import Order, Payment, Shipment
from orders.services import confirm_orders, record_payment, ship_orders
from staff.models import Task
from tests.factories import make_customer, make_order, make_stock, make_user

pytestmark = pytest.mark.django_db

FEW, MANY = 10, 55
LISTS = [
    Order,
    Shipment,
    Payment,
    StockItem,
    StockMovement,
    StockEntry,
    Product,
    Variant,
    Customer,
    EventRecord,
    Job,
    Task,
]


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(make_user(is_superuser=True))
    return client


def grow(count: int) -> None:
    """Make ``count`` more rows of everything, each with relatives of its own."""
    items = [make_stock(on_hand=5) for _ in range(count)]
    orders = [make_order((item.variant, 1), customer=make_customer(), shipping=300) for item in items]
    ids = [order.pk for order in orders]
    confirm_orders(order_ids=ids)
    ship_orders(order_ids=ids, carrier="CJ")
    for order in orders:
        record_payment(order_id=order.pk, amount=1300, method="card")
    needs = [Need(key=f"held:{item.pk}", variant_id=item.variant_id, quantity=1) for item in items]
    reserve_stock(requests=[StockRequest(reference=need.key, needs=[need]) for need in needs])
    tasks_about([item.variant.product for item in items])
    user = make_user()
    Job.objects.bulk_create(Job(kind="test", title=f"Job {n}", owner=user) for n in range(count))


def tasks_about(products: list[Product]) -> None:
    """Make a task about each product, with people of its own."""
    subject_type = ContentType.objects.get_for_model(Product)
    Task.objects.bulk_create(
        Task(
            number=f"T-X{product.pk}",
            kind="banner",
            title=f"Task {product.pk}",
            role="designer",
            status="assigned",
            requester=make_user(),
            assignee=make_user(),
            subject_type=subject_type,
            subject_id=product.pk,
            subject_label=str(product),
        )
        for product in products
    )


def queries(client: Client, url: str) -> list[str]:
    """Return the statements of a page, with nothing cached but content types."""
    client.get(url)
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in captured]


def address(model: type[Model]) -> str:
    tabs = [tab.key for tab in admin.site.get_model_admin(model).tabs]
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + (
        f"?tab={tabs[-1]}" if tabs else ""
    )


def test_lists_ask_as_often_for_many_rows_as_for_few(boss: Client):
    grow(FEW)
    few = {model: queries(boss, address(model)) for model in LISTS}
    grow(MANY - FEW)

    many = {model: queries(boss, address(model)) for model in LISTS}

    assert {model for model in LISTS if model.objects.count() < MANY} == set()
    assert {m.__name__: len(many[m]) for m in LISTS} == {m.__name__: len(few[m]) for m in LISTS}
    assert {m.__name__: len(many[m]) for m in LISTS if len(many[m]) > 11} == {}
