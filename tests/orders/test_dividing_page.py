"""Dividing an order by hand, its gift panel, and what the forms say of far places."""

from datetime import date

import pytest
from django.urls import reverse

from addresses.models import RemoteRange, RemoteSurcharge, RemoteZone
from orders.models import Gift, Parcel, ParcelPiece
from orders.services import confirm_orders
from tests.factories import make_channel, make_order, make_stock, make_user, make_variant

pytestmark = pytest.mark.django_db

SEES = "customers.see_contact_data"


@pytest.fixture
def order():
    shirt, cap = make_stock(make_variant(weight_g=300), on_hand=9), make_stock(make_variant(), on_hand=9)
    order = make_order((shirt.variant, 3), (cap.variant, 2))
    confirm_orders(order_ids=[order.pk])
    order.refresh_from_db()
    return order


def enter(client, *more):
    client.force_login(make_user(permissions=["orders.view_order", "orders.plan_parcel", *more]))


def page(order):
    return reverse("admin:orders_dividing", args=[order.pk])


def lines(order):
    return list(order.lines.filter(kind="product").order_by("position").values_list("pk", flat=True))


class TestDividing:
    def test_what_is_named_and_the_rest_are_planned(self, client, order):
        enter(client)
        shirt, cap = lines(order)

        answer = client.post(
            page(order), {f"pieces-{shirt}-0": "2", f"pieces-{shirt}-1": "1", f"pieces-{cap}-1": " 1 "}
        )

        assert answer.url == reverse("admin:orders_order_change", args=[order.pk])
        pieces = ParcelPiece.objects.order_by("parcel_id", "line_id").values_list("parcel__reason", "line", "quantity")
        assert list(pieces) == [("hand", shirt, 2), ("hand", shirt, 1), ("hand", cap, 1), ("hand", cap, 1)]
        assert Parcel.objects.count() == 3

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [("9", "More pieces than are reserved in one warehouse."), ("", "All of it fits into one parcel.")],
    )
    def test_what_is_refused_stays_as_typed(self, client, order, typed, sentence):
        enter(client)
        shirt, _cap = lines(order)

        answer = client.post(page(order), {f"pieces-{shirt}-0": typed})

        assert sentence in answer.content.decode()
        assert f'name="pieces-{shirt}-0" value="{typed}"' in answer.content.decode()
        assert not Parcel.objects.exists()

    def test_only_who_plans_parcels_and_only_what_is_to_ship(self, client, order):
        client.force_login(make_user(permissions=["orders.view_order"]))
        assert client.get(page(order)).status_code == 403
        enter(client)
        assert client.get(page(make_order((None, 1)))).status_code == 404
        assert client.get(page(order)).status_code == 200


class TestGiftPanel:
    def test_it_shows_the_wishes_masked_for_who_may_not_see_people(self, client, order):
        Gift.objects.create(order=order, wrapping="Red paper", noshi_kind="wedding", message="おめでとう")
        shown = {}
        for right in ("", SEES):
            enter(client, *filter(None, [right]))
            shown[right] = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
        assert "Red paper" in shown[""]
        assert "おめでとう" not in shown[""]
        assert "おめでとう" in shown[SEES]

    def test_an_order_that_is_no_present_has_no_panel(self, client, order):
        enter(client)
        assert "gift message" not in client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()


class TestFarPlaces:
    @pytest.fixture(autouse=True)
    def zone(self, db):
        zone = RemoteZone.objects.create(country="KR", code="jeju", name="Jeju")
        RemoteRange.objects.create(zone=zone, first="63000", last="63644")
        RemoteSurcharge.objects.create(zone=zone, currency="KRW", amount=3000, valid_from=date(2026, 1, 1))

    @pytest.mark.parametrize(
        ("rights", "said"),
        [(["orders.view_payment"], "Dearer to reach: Jeju (₩3,000)"), ([], "Dearer to reach: Jeju")],
    )
    def test_the_forms_hear_what_is_charged(self, client, rights, said):
        enter(client, *rights)
        answer = client.get(reverse("admin:orders_postcode"), {"country": "KR", "postcode": "63122"})
        assert answer.json()["remote"] == said
        answer = client.get(reverse("admin:orders_postcode"), {"country": "KR", "postcode": "06236"})
        assert answer.json()["remote"] == ""

    def test_without_a_country_the_place_is_read_as_of_the_channels(self, client):
        enter(client)
        korean, japanese = (make_channel(country=country) for country in ("KR", "JP"))
        said = [
            client.get(reverse("admin:orders_postcode"), {**asked, "postcode": "63122"}).json()["remote"]
            for asked in (
                {"country": "", "channel": korean.pk},
                {"country": "", "channel": japanese.pk},
                {"country": "JP", "channel": korean.pk},
                {"country": "", "channel": "x"},
                {"country": "", "channel": "²"},
                {},
            )
        ]
        assert said == ["Dearer to reach: Jeju", "", "", "", "", ""]
