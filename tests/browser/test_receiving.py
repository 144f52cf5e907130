"""Goods are received at the gate with a phone and a scanner."""

import os
from pathlib import Path

from playwright.sync_api import expect

from inventory.models import StockHold, StockItem
from purchasing.models import GoodsReceipt
from staff.models import Role
from tests.purchasing.making import make_purchase_order


def test_a_delivery_is_scanned_on_a_phone(open_desk, shop):
    order = make_purchase_order((shop.tee, 3), (shop.bag, 2))
    desk = open_desk(Role.WAREHOUSE)
    page = desk.page
    page.set_viewport_size({"width": 390, "height": 800})
    desk.open(f"/admin/purchasing/purchaseorder/{order.pk}/receive/")
    tee, bag = page.locator("[data-sku=TEE-M]"), page.locator("[data-sku=BAG]")

    page.locator("#scan").focus()
    for code in ("tee-m", "TEE-M", "BAG", "NOTHING"):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("NOTHING is not on this order.")
    expect(tee.locator("input[name^=good]")).to_have_value("2")
    expect(tee.locator("[data-left]")).to_have_text("1 left")
    page.get_by_role("radio", name="Damaged").check()
    page.locator("#scan").focus()
    page.keyboard.type("BAG")
    page.keyboard.press("Enter")
    expect(bag.locator("input[name^=damaged]")).to_have_value("1")
    expect(bag.locator("[data-left]")).to_have_text("complete")
    if "SHOTS" in os.environ:
        page.screenshot(path=str(Path(os.environ["SHOTS"]) / "receive-390.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    with page.expect_navigation():
        page.get_by_role("button", name="Enter the receipt").click()
    receipt = GoodsReceipt.objects.get()
    desk.sees(f"Receipt {receipt.number} is entered.")
    assert sorted(receipt.lines.values_list("accepted", "damaged")) == [(1, 1), (2, 0)]
    assert StockHold.objects.get().quantity == 1
    item = StockItem.objects.get(variant=shop.tee, warehouse=order.warehouse)
    assert item.available == 2
    if "SHOTS" in os.environ:
        page.screenshot(path=str(Path(os.environ["SHOTS"]) / "receipt-390.png"), full_page=True)
