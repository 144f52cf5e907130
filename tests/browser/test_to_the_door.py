"""Between an order and the door: divided by hand, cancelled while it is packed, exchanged, dear to reach."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from addresses.models import RemoteRange, RemoteSurcharge, RemoteZone
from compliance.services import sync_rules
from inventory.models import StockItem
from orders.models import Order, OrderStatus, Shipment
from orders.services import confirm_orders
from payments.models import Refund
from returns.models import ReturnRequest
from shipping.models import Packing
from shipping.selectors.waving import WaveCriteria
from shipping.services import make_wave
from staff.models import Role
from tests.browser.desk import Desk
from tests.factories import make_order
from tests.orders.stories import assert_sound, counters
from tests.returns.making import make_reason, sold


def ready(shop, *lines) -> Order:
    order = make_order(*lines, sales_channel=shop.seoul)
    confirm_orders(order_ids=[order.pk])
    return order


def scan(desk: Desk, code: str, kind: str) -> None:
    page = desk.page
    expect(page.locator("[data-scan] [name=code]")).to_be_focused()
    page.keyboard.type(code)
    with page.expect_response("**/shipping/pack/scan/"):
        page.keyboard.press("Enter")
    expect(page.locator("[data-beep]")).to_have_attribute("data-beep", kind)


def test_an_order_divided_by_hand_leaves_in_two_parcels(open_desk, shop):
    order = ready(shop, (shop.tee, 3), (shop.bag, 1))
    tee, bag = order.lines.filter(kind="product").order_by("position")
    desk = open_desk(Role.EC_MANAGER)
    page = desk.page
    desk.open(f"/admin/orders/dividing/{order.pk}/")
    desk.fits_a_phone()
    plan = page.get_by_role("button", name="Plan these parcels")
    expect(plan).to_be_disabled()
    page.locator(f"[name='pieces-{tee.pk}-0']").focus()
    page.keyboard.type("4")  # more than there are
    expect(plan).to_be_disabled()
    page.keyboard.press("Backspace")
    page.keyboard.type("2")
    expect(page.locator("tr[data-held] [data-rest]").first).to_have_text("1")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    desk.sees("2 parcels are planned.")

    desk.press("Ship planned parcel", carrier="CJ대한통운", tracking_number="6000-1111")
    assert desk.fact("Status") == "Partly shipped"
    assert counters(StockItem.objects.get(variant=shop.tee)) == (48, 1)
    desk.press("Ship planned parcel", carrier="CJ대한통운", tracking_number="6000-2222")
    assert desk.fact("Status") == "Shipped"
    desk.fits_a_phone()

    first, second = Shipment.objects.order_by("pk")
    assert list(first.lines.values_list("line", "quantity")) == [(tee.pk, 2)]
    assert sorted(second.lines.values_list("line", "quantity")) == sorted([(tee.pk, 1), (bag.pk, 1)])
    assert (first.tracking_number, second.tracking_number) == ("6000-1111", "6000-2222")
    assert counters(StockItem.objects.get(variant=shop.tee)) == (47, 0)
    assert counters(StockItem.objects.get(variant=shop.bag)) == (19, 0)
    assert_sound()


def test_of_the_packer_and_who_cancels_the_first_one_wins_and_the_other_is_told(open_desk, shop):
    called_off, packed = ready(shop, (shop.bag, 2)), ready(shop, (shop.tee, 1))
    wave = make_wave(criteria=WaveCriteria(warehouse_id=shop.warehouse.pk))
    table, service = open_desk(Role.WAREHOUSE, width=390), open_desk(Role.EC_MANAGER)
    table.open(f"/admin/shipping/pack/?wave={wave.pk}")

    # the customer calls after the first of two pieces: the packer is stopped
    scan(table, called_off.number, "good")
    scan(table, "BAG", "good")
    service.open(f"/admin/orders/order/{called_off.pk}/change/")
    service.press("Cancel order", reason="Customer called")
    assert service.fact("Status") == "Cancelled"
    expect(table.page.locator(".pack-said.stop")).to_contain_text("Cancelled")

    # the other way round: the dialog is open already when the last piece is scanned
    service.open(f"/admin/orders/order/{packed.pk}/change/")
    service.ask("Cancel order")
    scan(table, packed.number, "good")
    scan(table, "TEE-M", "done")
    service.answer("Cancel order", reason="Customer called")
    assert service.fact("Status") == "Shipped"
    service.sees(f"“Cancel order” is not possible for {packed.number} as it stands now.")

    statuses = dict(Order.objects.values_list("pk", "status"))
    assert statuses == {called_off.pk: OrderStatus.CANCELLED, packed.pk: OrderStatus.SHIPPED}
    assert Shipment.objects.get().order_id == packed.pk
    assert sorted(Packing.objects.values_list("state", flat=True)) == ["packed", "stopped"]
    assert counters(StockItem.objects.get(variant=shop.bag)) == (20, 0)
    assert counters(StockItem.objects.get(variant=shop.tee)) == (49, 0)
    assert_sound()


def test_an_exchange_goes_from_the_case_to_the_parcel_of_the_replacement(open_desk, shop):
    sync_rules()
    make_reason()
    tee = StockItem.objects.get(variant=shop.tee, warehouse=shop.warehouse)
    order = sold(tee, 1, sales_channel=shop.seoul, jurisdiction="KR")
    desk = open_desk(Role.CS_LEAD, Role.WAREHOUSE, Role.EC_MANAGER)
    page = desk.page
    desk.open(f"/admin/orders/order/{order.pk}/change/")
    desk.follow("Return, exchange, claim")
    page.get_by_label("TEE-M", exact=True).fill("1")
    page.locator("select[name^=reason_]").select_option(label="Changed mind")
    page.locator("select[name^=wish_]").select_option("exchange")
    desk.follow("Open the case")
    case = ReturnRequest.objects.get()
    desk.press("Approve")
    assert StockItem.objects.get(pk=tee.pk).held == 1  # kept for the customer from the promise on

    desk.open(f"/admin/returns/case/{case.pk}/inspect/")
    desk.follow("Receive and inspect")
    desk.open(f"/admin/returns/case/{case.pk}/resolve/")
    assert page.locator("select[name^=outcome_]").first.input_value() == "exchange"
    desk.follow("Resolve the case")
    desk.sees(f"{case.number} is resolved.")
    replacement = Order.objects.get(original=order)
    assert (replacement.status, replacement.total) == (OrderStatus.TO_SHIP, 0)
    assert not Refund.objects.exists()

    desk.open(f"/admin/orders/order/{replacement.pk}/change/")
    desk.press("Ship", carrier="CJ대한통운", tracking_number="6000-3333")
    assert desk.fact("Status") == "Shipped"
    assert counters(StockItem.objects.get(pk=tee.pk)) == (49, 0)  # one left, one came back, one left
    assert_sound()


@pytest.mark.parametrize("is_country_first", [True, False])
def test_on_the_phone_it_is_said_at_once_that_a_place_is_dear_to_reach(open_desk, shop, is_country_first):
    zone = RemoteZone.objects.create(country="KR", code="jeju", name="Jeju")
    RemoteRange.objects.create(zone=zone, first="63000", last="63644")
    RemoteSurcharge.objects.create(zone=zone, currency="KRW", amount=3000, valid_from=date(2026, 1, 1))
    desk = open_desk(Role.EC_MANAGER)
    page = desk.page
    desk.open("/admin/orders/write/")
    said = page.locator(".postcode-places .remote")

    def choose() -> None:
        page.select_option("[name=country]", "KR")

    def write() -> None:
        page.locator("[name=postcode]").focus()
        page.keyboard.type("63122")

    for step in (choose, write) if is_country_first else (write, choose):
        step()
    expect(said).to_have_text(re.compile("Dearer to reach: Jeju"))
    page.fill("[name=postcode]", "06236")
    expect(said).to_have_count(0)
