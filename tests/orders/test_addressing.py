"""Addresses on orders: held by rules, told on the page with what would be right, taken over by one press."""

from datetime import date

import pytest
from django.urls import reverse

from addresses.models import RemoteRange, RemoteSurcharge, RemoteZone
from orders.conditions import condition_of
from orders.models import Order
from orders.selectors.addressing import address_of_order
from tests.addresses.making import load_few
from tests.admin.pressing import press
from tests.factories import make_order, make_user, make_variant

pytestmark = pytest.mark.django_db
RIGHT = {"country": "JP", "postcode": "100-0005", "region": "東京都", "city": "千代田区", "address_1": "丸の内1-9-1"}
SEES = ["orders.view_order", "orders.change_order", "customers.see_contact_data"]


@pytest.fixture(autouse=True)
def few(tmp_path):
    load_few(tmp_path)


def order(**over):
    return make_order((make_variant(), 1), **{**RIGHT, **over})


def test_rules_hold_addresses_that_do_not_agree():
    right, wrong = order(), order(postcode="530-0001")
    unknown, elsewhere = order(postcode="999-9999"), order(country="US", postcode="10118", region="NY", city="New York")
    latin = order(postcode="5300001", region="Tokyo", city="Chiyoda-ku", address_1="1-9-1 Marunouchi")
    seoul = order(country="KR", postcode="04524", region="", city="", address_1="서울 중구 세종대로 110")
    bare = order(address_1="丸の内", address_2="")
    tall = order(address_1="丸の内", address_2="1-9-1 ビル")
    room = order(country="KR", postcode="04524", region="서울", city="중구", address_1="세종대로", address_2="203호")

    def meant(code):
        return set(Order.objects.filter(condition_of({"address": [code]})))

    assert meant("disagrees") == {wrong}
    assert meant("unknown_postcode") == {unknown}
    assert meant("no_house") == {bare, room}
    assert {right, elsewhere, latin, seoul, tall} & (meant("disagrees") | meant("unknown_postcode")) == set()


def test_the_condition_and_the_check_of_one_order_agree():
    orders = [
        order(),
        order(postcode="5300001"),
        order(postcode="9999999"),
        order(region="", city="", address_1="東京千代田区丸の内1"),
        order(region="大阪", address_1="丸の内1"),
        order(region="東京都", city="東京都千代田区", address_1="丸の内1"),
    ]
    for code in ("disagrees", "unknown_postcode"):
        meant = set(Order.objects.filter(condition_of({"address": [code]})))
        found = {one for one in orders if code in {p.code for p in address_of_order(one).problems}}
        assert meant == found, code


def test_one_press_puts_the_address_right(client):
    wrong = order(postcode="530-0001")
    client.force_login(make_user(permissions=SEES))
    page = client.get(reverse("admin:orders_order_change", args=[wrong.pk])).content.decode()
    assert "100-0005 東京都 千代田区" in page

    press(client, wrong, "correct_address", suggestion="100-0005 東京都 千代田区")

    wrong.refresh_from_db()
    assert (wrong.postcode, wrong.region, wrong.city) == ("100-0005", "東京都", "千代田区")
    assert address_of_order(wrong).problems == ()


def test_nobody_without_the_right_to_the_address_corrects_or_sees_it(client):
    wrong = order(postcode="530-0001")
    client.force_login(make_user(permissions=["orders.view_order", "orders.change_order"]))

    page = client.get(reverse("admin:orders_order_change", args=[wrong.pk])).content.decode()
    press(client, wrong, "correct_address", suggestion="100-0005 東京都 千代田区")

    assert "100-0005" not in page
    assert Order.objects.get(pk=wrong.pk).postcode == "530-0001"


def test_a_far_place_shows_what_it_costs_more(client):
    zone = RemoteZone.objects.create(country="JP", code="okinawa", name="沖縄")
    RemoteRange.objects.create(zone=zone, first="9000000", last="9079999", place="沖縄県", is_verified=True)
    for amount, since in ((800, date(2020, 1, 1)), (1200, date(2026, 1, 1)), (9999, date(2099, 1, 1))):
        RemoteSurcharge.objects.create(zone=zone, amount=amount, currency="JPY", valid_from=since)
    far = order(postcode="9000015", region="沖縄県", city="那覇市", address_1="久茂地1-1", currency="JPY")
    won = order(postcode="9000015", region="沖縄県", city="那覇市", address_1="久茂地1-1", currency="KRW")

    found = address_of_order(far)

    assert (found.remote.name, found.surcharge, found.problems) == ("沖縄", 1200, ())
    assert address_of_order(won).surcharge is None
    assert address_of_order(order()).remote is None


def test_forms_ask_what_a_postcode_stands_for(client):
    client.force_login(make_user(permissions=["orders.view_order"]))
    address = reverse("admin:orders_postcode")

    places = client.get(address, {"country": "JP", "postcode": "１００-０００５"}).json()["places"]

    assert places == [{"postcode": "100-0005", "region": "東京都", "city": "千代田区", "area": "丸の内", "office": ""}]
    assert client.get(address).json()["places"] == []
