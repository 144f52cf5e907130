"""The pages on which orders are written, changed and combined."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import Price
from inventory.selectors import shop_day
from orders.models import ManualDraft, Order, OrderChange, OrderStatus, Parcel
from orders.services import confirm_orders
from tests.admin.pressing import press, said
from tests.factories import make_channel, make_order, make_stock, make_user, make_warehouse
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db
AGENT = [
    "orders.add_order",
    "orders.change_order",
    "orders.view_order",
    "orders.view_payment",
    "customers.see_contact_data",
]


@pytest.fixture
def item():
    return make_stock(on_hand=10, warehouse=make_warehouse())


def price(item, channel, amount, days=2):
    start = timezone.now() - timedelta(days=days)
    return Price.objects.create(
        variant=item.variant, sales_channel=channel, currency=channel.currency, amount=amount, starts_at=start
    )


def login(client, *more, without=()):
    user = make_user(permissions=[one for one in [*AGENT, *more] if one not in without])
    client.force_login(user)
    return user


def written(item, channel, **over):
    return {
        "sales_channel": channel.pk, "buyer_name": "김민준", "buyer_phone": "010-0000-1234", "address_1": "테헤란로 1",
        "country": "KR", "is_prepaid": "on", "key": "k1", "hides_prices": "on",
        "kind_1": "product", "sku_1": item.variant.sku, "quantity_1": "2", "price_1": "",
        "kind_2": "shipping", "quantity_2": "1", "price_2": "3000", **over,
    }  # fmt: skip


def test_a_call_becomes_an_order_once(client, item):
    channel = make_channel()
    price(item, channel, 1000)
    login(client)
    found = client.get(reverse("admin:orders_goods"), {"channel": channel.pk, "q": item.variant.sku.lower()}).json()
    assert [(one["sku"], one["price"], one["available"]) for one in found["found"]] == [(item.variant.sku, "1000", 10)]

    for _press in range(2):
        client.post(reverse("admin:orders_write"), written(item, channel, command="place"))

    order = Order.objects.get()
    assert (order.total, order.source, order.status) == (5000, "manual", OrderStatus.AWAITING_PAYMENT)
    callers = client.get(reverse("admin:orders_callers"), {"q": "0000-1234"}).json()["found"]
    assert [one["last"]["address_1"] for one in callers] in ([], ["테헤란로 1"])
    assert "김민준" in client.get(reverse("admin:orders_callers"), {"q": "김민준"}).content.decode("unicode_escape")


def test_prices_hold_until_the_day_and_then_the_difference_is_shown(client, item):
    channel = make_channel()
    old = price(item, channel, 1000)
    login(client)
    until = (shop_day() + timedelta(days=3)).isoformat()
    client.post(reverse("admin:orders_write"), written(item, channel, command="draft", prices_until=until))
    draft = ManualDraft.objects.get()
    page = reverse("admin:orders_write_draft", args=[draft.pk])
    kept = timezone.now() - timedelta(hours=5)
    ManualDraft.objects.update(priced_at=kept)
    Price.objects.filter(pk=old.pk).update(ends_at=timezone.now() - timedelta(hours=1))
    Price.objects.create(
        variant=item.variant, sales_channel=channel, currency="KRW", amount=1500,
        starts_at=timezone.now() - timedelta(hours=1),
    )  # fmt: skip
    assert "no longer hold" not in client.get(page).content.decode()

    ManualDraft.objects.update(prices_until=shop_day() - timedelta(days=1))
    assert "no longer hold" in client.get(page).content.decode()
    ManualDraft.objects.update(prices_until=shop_day())
    client.post(page, written(item, channel, command="place", prices_until=shop_day().isoformat()))

    draft.refresh_from_db()
    assert (draft.state, draft.order.total) == ("placed", 5000)
    assert client.get(page).status_code == 302
    assert_sound()


def test_what_is_wrong_is_said_and_what_was_typed_stays(client, item):
    channel = make_channel()
    login(client)
    answer = client.post(reverse("admin:orders_write"), written(item, channel, command="place")).content.decode()
    assert "has no price on this channel" in answer
    assert "테헤란로 1" in answer
    answer = client.post(reverse("admin:orders_write"), written(item, channel, command="place", sku_1="?")).content
    assert "There is no SKU" in answer.decode()
    assert not Order.objects.exists()


def test_who_may_not_see_addresses_writes_no_orders(client):
    login(client, without=["customers.see_contact_data"])
    assert client.get(reverse("admin:orders_write")).status_code == 403
    assert client.get(reverse("admin:orders_callers"), {"q": "kim"}).status_code == 403
    client.force_login(make_user(permissions=["orders.view_order"]))
    assert client.get(reverse("admin:orders_goods"), {"channel": 1, "q": "x"}).status_code == 403


def test_the_difference_is_shown_before_the_order_changes(client, item):
    order = make_order((item.variant, 3), recipient_name="김민준", address_1="테헤란로 1")
    confirm_orders(order_ids=[order.pk])
    login(client)
    page, line = reverse("admin:orders_edit", args=[order.pk]), order.lines.get()
    assert client.get(page).status_code == 200
    data = {
        "kind_1": "product", "line_1": line.pk, "quantity_1": "2", "price_1": "1000", "recipient_name": "김민준",
        "address_1": "테헤란로 2", "country": "KR", "reason": "called", "key": "k", "hides_prices": "on",
    }  # fmt: skip
    shown = client.post(page, {**data, "command": "preview"}).content.decode()
    assert 'name="expected_total" value="2000"' in shown
    assert not OrderChange.objects.exists()

    stale = client.post(page, {**data, "command": "apply", "expected_total": "1"})
    assert "changed meanwhile" in stale.content.decode()
    client.post(page, {**data, "key": "k2", "command": "apply", "expected_total": "2000"})

    order.refresh_from_db()
    assert (order.total, order.address_1) == (2000, "테헤란로 2")
    login(client, without=["customers.see_contact_data"])
    assert "테헤란로" not in client.get(page).content.decode()
    login(client, without=["orders.view_payment"])
    assert client.get(page).status_code == 403


def test_combined_and_shipped_on_screen(client, item):
    home = {"recipient_name": "김민준", "address_1": "테헤란로 1", "postcode": "06236"}
    orders = [make_order((item.variant, 1), shipping=3000, **home) for _ in range(2)]
    confirm_orders(order_ids=[order.pk for order in orders])
    login(client, "orders.plan_parcel", "orders.ship_order")
    page = reverse("admin:orders_combining")
    shown = client.get(page).content.decode()
    assert orders[1].number in shown
    assert "₩3,000 of shipping was paid more than once" in shown
    client.post(page, {"orders": ",".join(str(order.pk) for order in orders)})
    parcel = Parcel.objects.get()
    answer = press(client, orders[0], "send_parcel", parcel=parcel.pk, carrier="Post", tracking_number="9")
    assert said(answer)[-1].startswith("Shipped: S-")
    assert set(Order.objects.values_list("status", flat=True)) == {"shipped"}
    assert_sound()
