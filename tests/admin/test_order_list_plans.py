"""Every statement of the order list and the home page goes through an index: no scan of the orders, no large sort.

20,000 generated orders, statistics analysed, the planner's settings as they are. Plans are looked at, times never.
"""

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.roles import permission_table
from benchmarks.loading import CHANNELS, load_orders
from catalog.models import SalesChannel
from core.search import matching
from orders.models import Order
from staff.models import Role, User
from staff.services import set_user_roles, sync_roles
from tests.factories import make_user

pytestmark = pytest.mark.xdist_group("order_list_plans")  # the orders are loaded once
COUNT = 20_000
MOST_SORTED_ROWS = 1_000
LIST = "/admin/orders/order/"
PAGES = {
    "first tab": "",
    "all": "?tab=all",
    "to ship": "?tab=to_ship",
    "shipped": "?tab=shipped",
    "cancelled": "?tab=cancelled",
    "late": "?tab=late",
    "a channel": "?tab=all&sales_channel__id__exact={channel}",
    "a channel, to ship": "?tab=to_ship&sales_channel__id__exact={channel}",
    "the smallest channel": "?tab=all&sales_channel__id__exact={smallest}",
    "cheapest first": "?tab=all&o=6",
    "dearest first": "?tab=all&o=-6",
    "order number": "?q={number}",
    "channel's number": "?q={external}",
    "ko, three": "?q=김민준",
    "ko, two": "?q=민준",
    "ja, three": "?q=佐々木",
    "ja, two": "?q=花子",
    "kana": "?q=さとう",
    "en": "?q=Emma",
    "en, two": "?q=em",
    "two words": "?q=田中 花子",
    "two words, en": "?q=grace baker",
    "within a tab": "?tab=to_ship&q=민준",
    "no hit": "?q=zzyzx nobody",
    "no hit, two": "?q=뷁뷁",
    "middle page": "?tab=all&p=200",
    "last page": "?tab=all&p=400",
    "middle page of shipped": "?tab=shipped&p=190",
    "of a customer": "?tab=all&customer__id__exact=1",
}


@pytest.fixture(scope="module")
def database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Load once for the module, committed and vacuumed as tables in use are; flush at its end."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = on")  # VACUUM marks only pages whose commit is on the disk
            load_orders(cursor, count=COUNT)
            cursor.execute("RESET synchronous_commit")
            cursor.execute("VACUUM ANALYZE orders_order")
        try:
            yield
        finally:
            call_command("flush", verbosity=0, interactive=False)
            cache.clear()


@pytest.fixture(scope="module")
def manager(database: None) -> Client:
    """A client of an EC manager."""
    sync_roles(roles=permission_table())
    user = make_user(username="plans")
    set_user_roles(user_id=user.pk, roles=[Role.EC_MANAGER])
    client = Client()
    client.force_login(user)
    return client


def address(query: str) -> str:
    channels = dict(SalesChannel.objects.values_list("code", "pk"))
    order = Order.objects.order_by("pk")[COUNT // 3]
    return LIST + query.format(
        channel=channels[CHANNELS[0][0]],
        smallest=channels[CHANNELS[-1][0]],
        number=order.number,
        external=order.external_number,
    )


def statements(client: Client, url: str) -> list[str]:
    """Return what a page asks of the database, nothing cached."""
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in queries]


def plans(asked: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Execute each statement about orders again and return its plan."""
    for sql in asked:
        if "orders_order" in sql:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}")
                yield sql, cursor.fetchone()[0][0]["Plan"]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def sorted_rows(node: dict[str, Any]) -> int:
    return round(sum(below["Actual Rows"] * below["Actual Loops"] for below in node["Plans"]))


def complaints(asked: list[str]) -> list[str]:
    """Return what a million orders would not forgive: each scan of all orders, each sort of many rows."""
    found = []
    for sql, plan in plans(asked):
        for node in nodes(plan):
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] == "orders_order":
                found.append(f"scan for {node.get('Filter')}, cost {node['Total Cost']}: {sql}")
            if "Sort" in node["Node Type"] and sorted_rows(node) > MOST_SORTED_ROWS:
                found.append(f"sort of {sorted_rows(node)} rows by {node['Sort Key']}: {sql}")
    return found


@pytest.mark.parametrize("query", PAGES.values(), ids=PAGES)
def test_a_list_takes_ten_statements_at_most_and_each_an_index(
    manager: Client, monkeypatch: pytest.MonkeyPatch, query: str
):
    url = address(query)
    manager.get(url)  # content types are kept from here on

    fifty = statements(manager, url)

    assert complaints(fifty) == []
    monkeypatch.setattr(admin.site.get_model_admin(Order), "list_per_page", 10)
    assert len(fifty) == len(statements(manager, url)) <= 11


@pytest.mark.parametrize("word", ["민준", "뷁뷁", "grace baker", "em"])
def test_the_newest_of_what_is_found_stand_first(manager: Client, word: str):
    shown = [row.pk for row in manager.get(f"{LIST}?tab=all&q={word}").context["cl"].result_list]
    found = Order.objects.filter(matching(word)).order_by("-placed_at", "-pk").values_list("pk", flat=True)
    assert shown == list(found[:50])


def test_home_scans_no_orders(manager: Client):
    asked = statements(manager, "/admin/")

    assert sum("orders_order" in sql for sql in asked) >= 5
    assert [complaint for complaint in complaints(asked) if complaint.startswith("scan")] == []


def test_the_control_is_noticed(manager: Client):
    scan, sort = sorted(complaints(["SELECT * FROM orders_order ORDER BY city LIMIT 5"]))

    assert scan.startswith("scan for None")
    assert sort.startswith("sort of 20000 rows")


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_fifty_orders_are_less_than_100_kilobytes(manager: Client, language: str):
    User.objects.filter(username="plans").update(language=language)

    page = manager.get(f"{LIST}?tab=all").content

    assert page.count(b"<tr>") == 51
    assert len(page) < 100_000
    assert len(gzip.compress(page)) < 16_000  # of it 4,000 the navigation
