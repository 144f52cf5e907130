"""Pages of carrier files, notices, parcels in trouble and what is due, used as people use them."""

from contextlib import closing
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from orders.models import Order
from orders.services import ship_orders
from shipping.admin.due import _left
from shipping.models import (
    Carrier,
    CarrierFile,
    ChannelCutoff,
    ChannelNotice,
    NoticeFile,
    OutFormat,
    ParcelAlert,
    ParcelCost,
)
from shipping.selectors.handing import orders_to_hand_over, promises_of_channels
from shipping.services import make_carrier_file, owe_notices
from tests.admin.pressing import press, press_many
from tests.factories import make_channel, make_user
from tests.shipping.making import WANTED, carrier_of, format_of, japanese_channel, ready_orders

pytestmark = pytest.mark.django_db
MAKE = "/admin/shipping/carrier-files/new/"
CHOICES = {"ship_on": "2026-11-24", "temperature": "normal", "kind": "", "box_count": "1"}


@pytest.fixture
def packer(client):
    """Log in who packs, with the right of the role."""
    call_command("sync_roles", verbosity=0)
    user = make_user(username="packer")
    user.groups.add(Group.objects.get(name="warehouse"))
    client.force_login(user)
    return user


def chosen(**over):
    return {"carrier": carrier_of("yamato").pk, **CHOICES, **over}


def test_a_file_is_seen_before_it_is_made(client, packer):
    good, bad = ready_orders(2)
    Order.objects.filter(pk=bad.pk).update(recipient_name="☃")
    format_of("yamato_b2")

    page = client.get(MAKE, chosen()).content.decode()

    assert page.index(bad.number) < page.index(good.number)
    assert "☃" in page
    assert "東京都渋谷区渋谷2-21-1" in page
    key = page.split('name="key" value="')[1][:32]
    answer = client.post(MAKE, {**chosen(), "ids": f"{good.pk},{bad.pk}", "key": key}, follow=True)
    file = CarrierFile.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("admin:shipping_carrierfile_change", args=[file.pk])
    assert file.row_count == 1
    with closing(client.get(f"/files/{file.file.name}")) as download:
        assert download.status_code == 200
    assert bad.number in answer.content.decode()


def test_without_a_choice_all_that_is_ready_is_offered(client, packer):
    orders = ready_orders(2)
    format_of("yamato_b2")
    make_carrier_file(
        order_ids=[orders[0].pk], carrier_id=carrier_of("yamato").pk, format_id=format_of("yamato_b2").pk,
        wanted=WANTED, key="k",
    )  # fmt: skip

    assert list(orders_to_hand_over(today=timezone.localdate())) == [orders[1]]
    assert "1 order is ready" in client.get(MAKE).content.decode()
    assert client.get(MAKE, {"ids": "x"}).status_code == 400


def test_files_with_addresses_are_for_those_who_may_have_them(client):
    file = make_carrier_file(
        order_ids=[ready_orders()[0].pk], carrier_id=carrier_of("yamato").pk, format_id=format_of("yamato_b2").pk,
        wanted=WANTED, key="k",
    ).file  # fmt: skip
    client.force_login(make_user(permissions=["shipping.view_carrierfile"]))

    assert client.get(f"/files/{file.file.name}").status_code == 403
    page = client.get(reverse("admin:shipping_carrierfile_change", args=[file.pk])).content.decode()
    assert "/files/" not in page
    assert client.get(MAKE).status_code == 403


def test_a_file_is_withdrawn_by_a_button(client, packer):
    file = make_carrier_file(
        order_ids=[ready_orders()[0].pk], carrier_id=carrier_of("yamato").pk, format_id=format_of("yamato_b2").pk,
        wanted=WANTED, key="k",
    ).file  # fmt: skip

    press(client, file, "withdraw")

    file.refresh_from_db()
    assert file.withdrawn_by == packer
    assert client.get(reverse("admin:shipping_carrierfile_changelist")).status_code == 200


def test_a_mall_is_told_from_the_list(client, packer):
    [order] = ready_orders(ship_by=timezone.now() - timedelta(hours=1))
    carrier_of("yamato")
    format_of("rakuten_shipping")
    ship_orders(order_ids=[order.pk], carrier="ヤマト運輸", tracking_numbers={order.pk: "400001000000"})
    owe_notices(shipment_ids=[order.shipments.get().pk])
    notice = ChannelNotice.objects.get()
    assert order.number in client.get("/admin/shipping/channelnotice/?tab=late").content.decode()

    press_many(client, ChannelNotice, "make_file", [notice.pk])

    file = NoticeFile.objects.get()
    with file.file.open("rb") as handle:
        assert handle.read().decode("cp932").splitlines()[1] == f'"{order.external_number}","400001000000","1001"'
    assert client.get(reverse("admin:shipping_noticefile_change", args=[file.pk])).status_code == 200
    press_many(client, ChannelNotice, "accept", [notice.pk])
    notice.refresh_from_db()
    assert notice.state == "accepted"


def test_a_parcel_in_trouble_is_closed_with_what_was_done(client, packer):
    [order] = ready_orders()
    ship_orders(order_ids=[order.pk])
    alert = ParcelAlert.objects.create(shipment=order.shipments.get(), kind="returned")
    assert order.number in client.get("/admin/shipping/parcelalert/").content.decode()

    press(client, alert, "close", outcome="sent again")

    alert.refresh_from_db()
    assert (alert.closed_by, alert.outcome) == (packer, "sent again")


def test_the_cost_of_a_parcel_is_written_by_who_may(client):
    [order] = ready_orders()
    ship_orders(order_ids=[order.pk])
    shipment = order.shipments.get()
    yamato = carrier_of("yamato")
    client.force_login(
        make_user(permissions=["orders.view_shipment", "shipping.set_parcelcost", "shipping.view_parcelcost"])
    )

    press(client, shipment, "write_cost", carrier=yamato.pk, amount="930", currency="JPY")

    assert ParcelCost.objects.get().amount == 930
    page = client.get(reverse("admin:orders_shipment_change", args=[shipment.pk])).content.decode()
    assert "930" in page


def test_each_channel_waits_by_its_own_clock(client, packer):
    now = timezone.now()
    [late] = ready_orders(ship_by=now - timedelta(hours=2))
    [soon] = ready_orders(ship_by=now + timedelta(days=5))
    ChannelCutoff.objects.create(sales_channel=japanese_channel(), at="12:00")
    make_channel(code="quiet")

    [promise] = promises_of_channels(now=now)

    assert (promise.channel, promise.late, promise.today, promise.not_ready) == (japanese_channel(), 1, 0, 0)
    assert promise.cut_off.strftime("%H:%M %Z") == "12:00 JST"
    page = client.get("/admin/shipping/due/").content.decode()
    assert late.number in page
    assert soon.number not in page
    assert "12:00 JST" in page
    assert "Asia/Tokyo" not in page
    assert client.get("/admin/shipping/due/", {"late": "1", "channel": japanese_channel().pk}).status_code == 200
    assert client.get("/admin/shipping/due/", {"channel": "x"}).status_code == 400


def test_what_is_left_until_the_cut_off_is_told_in_hours_and_minutes():
    assert [_left(minutes) for minutes in (291, 60, 45, 0, -5, 600)] == [
        "4 h 51 min left",
        "1 h left",
        "45 min left",
        "",
        "",
        "",
    ]


def test_settings_are_written_in_the_admin(client):
    call_command("sync_roles", verbosity=0)
    boss = make_user(username="boss")
    boss.groups.add(Group.objects.get(name="administrator"))
    client.force_login(boss)
    carrier = carrier_of("yamato")
    delivered = format_of("logen_ilogen")
    for name in ("carrier", "carrierrule", "sender", "carriertariff", "channelcutoff", "outformat"):
        assert client.get(f"/admin/shipping/{name}/").status_code == 200
        assert client.get(f"/admin/shipping/{name}/add/").status_code == 200
    assert client.get(f"/admin/shipping/carrier/{carrier.pk}/change/").status_code == 200
    assert "수하인명" in client.get(f"/admin/shipping/outformat/{delivered.pk}/change/").content.decode()

    own = delivered.source.replace("logen_ilogen", "our_logen")
    client.post("/admin/shipping/outformat/add/", {"source": own, "is_active": "on"})

    row = OutFormat.objects.get(code="our_logen")
    assert (row.is_builtin, row.belongs_to) == (False, "logen")
    assert Carrier.objects.count() == 7


def test_files_of_carriers_are_offered_on_the_import_pages(client):
    call_command("sync_roles", verbosity=0)
    boss = make_user(username="boss")
    boss.groups.add(Group.objects.get(name="administrator"))
    client.force_login(boss)

    assert client.get("/admin/core/importbatch/new/", {"target": "shipping.tracking"}).status_code == 200
    assert client.get("/admin/core/importbatch/new/", {"target": "shipping.scans"}).status_code == 200
