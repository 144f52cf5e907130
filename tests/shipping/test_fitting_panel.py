"""The address in the lines of carriers' labels, on the order's page before a file is made."""

import pytest
from django.urls import reverse

from orders.models import Order
from shipping.models import Carrier
from shipping.selectors.fitting import fitted_addresses
from tests.factories import make_order, make_user, make_variant

pytestmark = pytest.mark.django_db

LONG = "梅田三丁目一番三号大阪ステーションシティサウスゲートビルディング北館一二三四五"


@pytest.fixture(autouse=True)
def carriers(db):
    Carrier.objects.all().delete()
    Carrier.objects.create(code="narrow", name="Narrow", country="JP", address_widths=[32, 32])
    Carrier.objects.create(code="unknown", name="Unknown", country="JP")
    Carrier.objects.create(code="korean", name="Korean", country="KR", address_widths=[10])
    Carrier.objects.create(code="off", name="Off", country="JP", address_widths=[10], is_active=False)


def make(**over):
    where = {
        "country": "JP",
        "postcode": "530-0001",
        "region": "大阪府",
        "city": "大阪市北区",
        "address_1": "梅田3-1-3",
    }
    return make_order((make_variant(), 1), recipient_name="山田", **{**where, **over})


def page(client, order, *rights):
    client.force_login(make_user(permissions=["orders.view_order", *rights]))
    return client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()


def test_each_carrier_of_the_country_that_knows_its_label_counts(django_assert_num_queries):
    order = make()
    with django_assert_num_queries(1):
        [one] = fitted_addresses(order=order)
    assert (one.carrier.code, one.fitted.fits) == ("narrow", True)
    assert "".join(one.fitted.lines).replace(" ", "").replace("　", "").startswith("大阪府大阪市北区")


def test_a_long_address_is_said_before_a_file_is_made(client):
    [one] = fitted_addresses(order=make(address_1=LONG, address_2=LONG))
    assert not one.fitted.fits
    order = Order.objects.get()
    shown = page(client, order, "customers.see_contact_data")
    assert "Address on the label" in shown
    assert one.fitted.problems[0].sentence in shown
    assert "Address on the label" not in page(client, order)


@pytest.mark.parametrize("over", [{"status": "shipped"}, {"country": "US"}, {"address_1": ""}])
def test_nothing_is_shown_where_there_is_nothing_to_say(client, over):
    assert "Address on the label" not in page(client, make(**over), "customers.see_contact_data")
