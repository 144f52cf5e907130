"""A parcel is packed on a phone with nothing but a scanner, and what is cancelled meanwhile shows in red."""

import pytest
from playwright.sync_api import expect

from orders.models import Order, OrderStatus, Shipment
from orders.services import cancel_order, confirm_orders
from shipping.models import Packing, Wave
from shipping.selectors.waving import WaveCriteria
from shipping.services import make_wave
from staff.models import Role
from tests.factories import make_order
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.browser


def ready(shop, *lines) -> Order:
    order = make_order(*lines, sales_channel=shop.seoul)
    confirm_orders(order_ids=[order.pk])
    return order


def test_from_the_slip_to_the_parcel_and_a_customer_who_cancels(open_desk, shop):
    first, second = ready(shop, (shop.tee, 1), (shop.mug, 2)), ready(shop, (shop.bag, 2))
    wave = make_wave(criteria=WaveCriteria(warehouse_id=shop.warehouse.pk))
    desk = open_desk(Role.WAREHOUSE, width=390)
    page = desk.page
    said = page.locator("[data-beep]")

    def scan(code: str, kind: str) -> None:
        expect(page.locator("[data-scan] [name=code]")).to_be_focused()
        page.keyboard.type(code)
        with page.expect_response("**/shipping/pack/scan/"):
            page.keyboard.press("Enter")
        expect(said).to_have_attribute("data-beep", kind)
        desk.fits()

    desk.open(f"/admin/shipping/pack/?wave={wave.pk}")
    desk.fits()
    expect(page.locator(".pack-next")).to_contain_text(first.number)
    scan(first.number, "good")
    scan("TEE-M", "good")
    scan("BAG", "bad")
    expect(said).to_contain_text("BAG does not belong to this order.")
    scan("MUG-BLUE", "good")
    expect(page.locator(".pack-count")).to_contain_text("2 / 3")
    scan("mug-blue", "done")
    expect(page.locator(".pack-next")).to_contain_text(second.number)
    assert Order.objects.get(pk=first.pk).status == OrderStatus.SHIPPED

    # the customer cancels between two scans: the next one says so, nothing is shipped
    scan(second.number, "good")
    scan("BAG", "good")
    cancel_order(order_id=second.pk, reason="changed my mind")
    # the table looks every few seconds by itself
    stop = page.locator(".pack-said.stop")
    expect(stop).to_contain_text("Cancelled")
    assert stop.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(185, 28, 28)"
    scan(second.number, "stop")

    assert Shipment.objects.count() == 1
    assert sorted(Packing.objects.values_list("state", flat=True)) == ["packed", "stopped"]
    assert Wave.objects.get().orders.filter(packed_at__isnull=False).count() == 1
    assert_sound()
