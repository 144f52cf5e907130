"""A phone order is written with the keyboard alone, changed afterwards, and leaves in two parcels."""

import os
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import expect

from catalog.models import Price, Variant
from inventory.models import StockItem
from orders.models import Order, OrderStatus
from orders.services import confirm_orders, record_payment
from staff.models import Role


def shot(page, name):
    if "SHOTS" in os.environ:
        page.screenshot(path=str(Path(os.environ["SHOTS"]) / f"{name}.png"), full_page=True)


def test_an_order_is_taken_on_the_phone_changed_and_shipped_in_parts(open_desk, shop):
    for variant, amount in ((shop.tee, 12_000), (shop.bag, 30_000)):
        Variant.objects.filter(pk=variant.pk).update(search_text=f"{variant.sku} cotton".lower(), weight_g=600)
        start = timezone.now() - timedelta(days=1)
        Price.objects.create(
            variant=variant, sales_channel=shop.seoul, currency="KRW", amount=amount, starts_at=start
        )  # fmt: skip
    desk = open_desk(Role.EC_MANAGER)
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 900})
    desk.open("/admin/orders/write/")
    page.select_option("[name=sales_channel]", str(shop.seoul.pk))
    type_ = page.keyboard.type
    for name, text in (("buyer_name", "김민준"), ("buyer_phone", "010-0000-1234"), ("address_1", "테헤란로 1")):
        page.locator(f"[name={name}]").focus()
        type_(text)
    page.locator("[name=sku_1]").focus()
    type_("tee cot")
    expect(page.locator("[data-found] li")).to_have_count(1)
    shot(page, "write-found")
    page.keyboard.press("Enter")  # takes it, and stands on the quantity
    type_("2")
    page.keyboard.press("Enter")  # the next line
    type_("bag")
    page.keyboard.press("Enter")  # before the answer is there, as a scanner does
    expect(page.locator("[data-total]")).to_have_text("₩54,000")
    shot(page, "write-1440")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shot(page, "write-390")
    page.set_viewport_size({"width": 1440, "height": 900})
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")

    order = Order.objects.get()
    assert (order.total, order.status, order.source) == (54_000, OrderStatus.AWAITING_PAYMENT, "manual")
    desk.sees(f"{order.number} is placed.")
    record_payment(order_id=order.pk, amount=54_000)
    confirm_orders(order_ids=[order.pk])

    desk.open(f"/admin/orders/{order.pk}/edit/")
    tee = page.locator("tr", has_text="TEE-M").locator("[name^=quantity_]")
    tee.fill("1")
    with page.expect_navigation():
        page.get_by_role("button", name="Show the difference").click()
    expect(page.locator(".difference .owed dd")).to_have_text("₩12,000")
    shot(page, "change-1440")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shot(page, "change-390")
    with page.expect_navigation():
        page.get_by_role("button", name="Change the order").click()
    order.refresh_from_db()
    assert (order.total, order.changes.get().owed) == (42_000, 12_000)
    shot(page, "order-390")
    page.set_viewport_size({"width": 1440, "height": 900})

    desk.open(f"/admin/orders/order/{order.pk}/change/")
    page.get_by_text("Before and after").first.click()
    shot(page, "order-1440")
    desk.open(f"/admin/orders/order/{order.pk}/do/divide/")
    page.locator("[name=reason]").select_option("weight")
    page.locator("[name=heaviest]").fill("1000")
    shot(page, "divide")
    page.locator("[name=heaviest]").press("Enter")
    desk.sees("2 parcels are planned.")
    for number in ("111", "222"):
        desk.open(f"/admin/orders/order/{order.pk}/do/send_parcel/")
        page.locator("[name=carrier]").fill("CJ")
        page.locator("[name=tracking_number]").fill(number)
        page.locator("[name=tracking_number]").press("Enter")
        desk.sees("Shipped: S-")
    order.refresh_from_db()
    assert order.status == OrderStatus.SHIPPED
    assert sorted(order.shipments.values_list("tracking_number", flat=True)) == ["111", "222"]
    assert StockItem.objects.get(variant=shop.tee).available == 49
