"""Waves on screen: made with a preview, taken from the list of orders, printed, packed, shown on the order."""

import uuid

import pytest
from django.urls import reverse

from orders.models import Gift, Order
from shipping.models import PackingSlip, Wave
from shipping.services import make_wave, scan
from tests.admin.pressing import press, press_many
from tests.factories import make_stock, make_user, make_variant
from tests.shipping.packing_table import criteria_of, ready_order

pytestmark = pytest.mark.django_db
RIGHTS = (
    "orders.view_order", "orders.ship_order", "orders.hold_order", "shipping.view_wave", "shipping.add_wave",
    "shipping.change_wave", "shipping.view_packingcheck", "shipping.print_packingslip", "core.view_job",
)  # fmt: skip


@pytest.fixture
def item():
    return make_stock(make_variant(sku="TEE"), on_hand=50)


@pytest.fixture
def desk(client):
    client.force_login(make_user(permissions=RIGHTS))
    return client


def test_a_wave_is_previewed_made_shown_and_printed(desk, item):
    order = ready_order((item, 1))
    url = reverse("admin:shipping_wave_new")
    asked = {"warehouse": item.warehouse_id, "size": "one_piece", "most": "5", "_key": uuid.uuid4().hex}
    assert desk.get(url).context["preview"].order_ids == [order.pk]
    assert desk.post(url, {**asked, "command": "preview"}).context["preview"].one_piece == 1
    assert not Wave.objects.exists()

    made = desk.post(url, {**asked, "command": "make"})
    again = desk.post(url, {**asked, "command": "make"})
    wave = Wave.objects.get()

    page = reverse("admin:shipping_wave_change", args=[wave.pk])
    assert made.url == again.url == page
    text = desk.get(page).content.decode()
    assert order.number in text
    assert "One piece only · at most 5" in text
    assert wave.number in desk.get(reverse("admin:shipping_wave_changelist")).content.decode()
    slips = press(desk, wave, "slips")
    assert desk.get(slips.url)["Content-Type"] == "application/pdf"
    assert PackingSlip.objects.get().printed_count == 1
    assert desk.get(reverse("admin:shipping_pick_list", args=[wave.pk]))["Content-Type"] == "application/pdf"
    assert desk.post(url, {**asked, "_key": uuid.uuid4().hex, "command": "make"}).status_code == 200
    assert Wave.objects.count() == 1


def test_ticked_orders_become_a_wave_and_one_is_taken_out(desk, item):
    orders = [ready_order((item, 1)) for _ in range(2)]
    press_many(desk, Order, "make_a_wave", [order.pk for order in orders])
    wave = Wave.objects.get()
    assert wave.orders.count() == 2

    desk.post(reverse("admin:shipping_wave_take_out", args=[wave.pk]), {"order": orders[0].pk})

    assert list(wave.orders.values_list("left_reason", flat=True)) == ["taken_out", ""]


def test_the_table_answers_scans_and_the_order_shows_them(desk, item):
    order = ready_order((item, 2))
    make_wave(criteria=criteria_of(item))
    url, key = reverse("admin:shipping_pack_scan"), uuid.uuid4().hex
    first = desk.post(url, {"code": order.number, "_key": key})
    packing = first.context["packing"]
    assert first.context["said"].kind == "good"
    assert desk.post(url, {"code": order.number, "_key": key}).context["packing"] == packing
    part = desk.post(url, {"code": "?", "packing": packing.pk, "_key": uuid.uuid4().hex}, headers={"X-Table": "1"})
    assert b"<html" not in part.content
    assert part.context["said"].kind == "bad"
    state = reverse("admin:shipping_pack_state")
    assert desk.get(state, {"packing": packing.pk}).json() == {"goes_on": True}
    aside = desk.post(reverse("admin:shipping_pack_set_aside"), {"packing": packing.pk, "note": "torn"})
    assert aside.context["said"].text == f"{order.number} is held."
    assert desk.get(state, {"packing": packing.pk}).json() == {"goes_on": False}
    assert desk.post(url, {"code": "x", "_key": "short"}).status_code == 400
    assert b"2 scans" in desk.get(reverse("admin:orders_order_change", args=[order.pk])).content


def test_the_list_of_scans_says_how_often_they_were_wrong(desk, item, client):
    url = reverse("admin:shipping_packingcheck_changelist")
    assert desk.get(url).context["figures"] == []
    order = ready_order((item, 1))
    packing = scan(code=order.number).packing
    for code in ("nonsense", "NOT-HERE", order.number):
        scan(code=code, packing_id=packing.pk)
    make_variant(sku="CAP")
    scan(code="CAP", packing_id=packing.pk)
    scan(code="TEE", packing_id=packing.pk)

    shown = desk.get(url)

    assert [(str(name), kpi.value, kpi.note) for name, kpi in shown.context["figures"]] == [
        ("Wrong scans", "75.0 %", "of 4 scans in 30 days"),
        ("Unknown code", "2", "last 30 days"),
        ("Wrong article", "1", "last 30 days"),
        ("Parcels packed", "1", "last 30 days"),
    ]
    for _name, kpi in shown.context["figures"][:-1]:
        assert desk.get(kpi.url).status_code == 200
    assert desk.get(shown.context["figures"][1][1].url).context["cl"].result_count == 2
    client.force_login(make_user(permissions=["orders.ship_order"]))
    assert client.get(url).status_code == 403


def test_a_colleague_is_taken_over_on_the_table(desk, item):
    order = ready_order((item, 1))
    theirs = scan(code=order.number, actor=make_user(permissions=["orders.ship_order"], first_name="Ann")).packing
    told = desk.post(reverse("admin:shipping_pack_scan"), {"code": order.number, "_key": uuid.uuid4().hex})
    assert (told.context["said"].kind, told.context["taken"]) == ("stop", theirs)
    mine = desk.post(reverse("admin:shipping_pack_take_over"), {"packing": theirs.pk})
    assert mine.context["packing"].pk != theirs.pk
    stopped = desk.post(reverse("admin:shipping_pack_stop"), {"packing": mine.context["packing"].pk})
    assert stopped.context["said"].kind == "odd"
    assert stopped.context["packing"] is None


def test_a_present_is_told_at_the_table_and_in_the_wave(desk, item):
    order = ready_order((item, 2), staff_note="two boxes")
    Gift.objects.create(order=order, wrapping="red paper", message="Happy birthday")
    wave = make_wave(criteria=criteria_of(item))

    waiting = desk.get(reverse("admin:shipping_pack"), {"wave": wave.pk}).content.decode()
    begun = desk.post(reverse("admin:shipping_pack_scan"), {"code": order.number, "_key": uuid.uuid4().hex})

    assert "A present" in waiting
    assert (begun.context["said"].kind, begun.context["said"].text) == ("odd", "A present: wrap it as said below.")
    for words in ("red paper", "Happy birthday", "two boxes"):
        assert words in begun.content.decode()
    assert "A present" in desk.get(reverse("admin:shipping_wave_change", args=[wave.pk])).content.decode()
