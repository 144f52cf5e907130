"""Forms begin with the carrier that one most likely means, and the table is one press away."""

import uuid

import pytest
from django.urls import reverse

from shipping.models import CarrierRule
from shipping.selectors.usual import carriers_by_rule, usual_carrier
from shipping.selectors.waving import WaveCriteria
from shipping.services import make_carrier_file, make_wave, withdraw_carrier_file
from tests.factories import make_channel, make_user
from tests.shipping.making import WANTED, carrier_of, format_of, japanese_channel, ready_orders

pytestmark = pytest.mark.django_db
MAKE = "/admin/shipping/carrier-files/new/"


@pytest.fixture
def desk(client):
    rights = ("shipping.add_carrierfile", "shipping.view_carrierfile", "shipping.add_wave", "shipping.view_wave")
    client.force_login(make_user(permissions=[*rights, "orders.view_order", "orders.ship_order"]))
    return client


def usual(*orders, **over):
    ids = [order.pk for order in orders]
    found = usual_carrier(order_ids=ids, by_rule=carriers_by_rule(ids), **over)
    return (found.carrier.code, found.why) if found else None


def send(order, carrier, layout):
    return make_carrier_file(
        order_ids=[order.pk], carrier_id=carrier_of(carrier).pk, format_id=format_of(layout).pk, wanted=WANTED,
        key=uuid.uuid4().hex,
    ).file  # fmt: skip


def test_the_rules_of_most_orders_come_before_what_was_used_last():
    first, second, third = ready_orders(3)
    carrier_of("yamato")
    assert usual(second) is None

    send(first, "yamato", "yamato_b2")
    assert usual(second, third) == ("yamato", "last")

    place = second.lines.get().allocations.get().reservation.stock_item.warehouse
    CarrierRule.objects.create(carrier=carrier_of("sagawa"), warehouse=place)
    assert usual(second, third) == ("sagawa", "rule")


def test_habit_asks_for_the_country_and_forgets_withdrawn_files():
    first, second = ready_orders(2)
    [abroad] = ready_orders(country="KR")
    [elsewhere] = ready_orders(sales_channel=make_channel(code="jp2", country="JP", currency="JPY"))
    file = send(first, "yamato", "yamato_b2")

    assert usual(second) == usual(elsewhere) == ("yamato", "last")
    assert usual(abroad) is None
    withdraw_carrier_file(file_id=file.pk)
    assert usual(second) is None


def test_the_page_of_a_wave_begins_with_the_waves_carrier_and_its_preview(desk):
    format_of("yamato_b2")
    order, other = ready_orders(2)
    place = order.lines.get().allocations.get().reservation.stock_item.warehouse
    CarrierRule.objects.create(carrier=carrier_of("yamato"), sales_channel=japanese_channel())
    wave = make_wave(criteria=WaveCriteria(warehouse_id=place.pk, carrier_id=carrier_of("yamato").pk))
    CarrierRule.objects.update(carrier=carrier_of("sagawa"))

    page = desk.get(MAKE, {"wave": wave.pk})

    assert (page.context["usual"].carrier.code, page.context["usual"].why) == ("yamato", "wave")
    assert {row["order"] for row in page.context["rows"]} == {order, other}
    assert f"{MAKE}?wave={wave.pk}" in desk.get(reverse("admin:shipping_wave_change", args=[wave.pk])).content.decode()
    assert desk.get(MAKE).context["usual"].carrier.code == "sagawa"


def test_orders_of_several_carriers_are_told_apart(desk):
    format_of("yamato_b2")
    orders = ready_orders(3)
    [abroad] = ready_orders(country="KR")
    CarrierRule.objects.create(carrier=carrier_of("yamato"), country="JP")

    page = desk.get(MAKE)

    shares = [(str(one["carrier"] or ""), one["count"]) for one in page.context["shares"]]
    assert shares == [(str(carrier_of("yamato")), 3), ("", 1)]
    alone = desk.get(f"{MAKE}?{page.context['shares'][0]['query']}")
    assert {row["order"] for row in alone.context["rows"]} == set(orders)
    assert desk.get(f"{MAKE}?{page.context['shares'][1]['query']}").context["count"] == 1
    assert abroad.pk not in {order.pk for order in orders}


def test_a_wave_is_narrowed_to_one_carrier_by_one_press(desk):
    orders = ready_orders(2)
    place = orders[0].lines.get().allocations.get().reservation.stock_item.warehouse
    light, heavy = carrier_of("yamato"), carrier_of("sagawa")
    CarrierRule.objects.create(carrier=light, sales_channel=japanese_channel())
    CarrierRule.objects.create(carrier=heavy, rank=1, country="KR")
    url, asked = reverse("admin:shipping_wave_new"), {"warehouse": place.pk, "most": "5", "_key": uuid.uuid4().hex}

    page = desk.post(url, {**asked, "only_carrier": light.pk})

    assert page.context["preview"].by_carrier == [(light, 2)]
    assert page.context["form"]["carrier"].value() == str(light.pk)
    assert desk.post(url, {**asked, "only_carrier": heavy.pk}).context["preview"].order_ids == []


def test_the_packing_page_leads_to_the_table_and_back(desk):
    [order] = ready_orders()

    there = desk.get(reverse("admin:orders_packing")).content.decode()

    table = f"{reverse('admin:shipping_pack')}?order={order.number}"
    assert table in there
    back = desk.get(table).content.decode()
    assert f'value="{order.number}"' in back
    assert reverse("admin:orders_packing") in back
