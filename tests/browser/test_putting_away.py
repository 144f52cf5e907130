"""Goods are put away on a phone with nothing but a scanner: it types codes and Enter."""

import pytest
from playwright.sync_api import expect

from inventory.models import Bin, ShelfStock
from staff.models import Role
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.browser


def test_scan_goods_read_the_bin_scan_the_bin(open_desk, shop):
    item = shop.mug.stock_items.get()
    for rank, code in enumerate(("A-01", "A-02")):
        Bin.objects.create(warehouse=item.warehouse, code=code, pick_rank=rank)
    keeper = open_desk(Role.WAREHOUSE, width=390)
    page = keeper.page

    keeper.open("/admin/inventory/put-away/")
    keeper.fits()
    page.keyboard.type("MUG-BLUE")  # the cursor waits in the scan field
    page.keyboard.press("Enter")
    expect(page.locator(".put-where")).to_contain_text("A-01")
    keeper.fits()
    page.keyboard.type("a-02")
    page.keyboard.press("Enter")
    expect(page.locator("[data-beep]")).to_have_text(f"MUG-BLUE: {item.on_hand} pieces in A-02")

    # some of them, by keyboard alone; Escape leaves what is in hand
    page.keyboard.type("TEE-M")
    page.keyboard.press("Enter")
    expect(page.locator("h2", has_text="TEE-M")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("7")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("A-01")
    page.keyboard.press("Enter")
    expect(page.locator("[data-beep]")).to_have_text("TEE-M: 7 pieces in A-01")
    page.keyboard.type("TEE-M")
    page.keyboard.press("Enter")
    expect(page.locator(".put-where")).to_contain_text("It lies there already")
    page.keyboard.press("Escape")
    expect(page.locator("[name=code]")).to_be_focused()

    assert sorted(ShelfStock.objects.values_list("bin__code", "quantity")) == [("A-01", 7), ("A-02", item.on_hand)]
    assert_sound()
