"""A stocktake on a phone: planned, counted blind by two people while pieces are sold, judged by a third, posted."""

import re

import pytest
from playwright.sync_api import expect

from inventory.models import Stocktake, StocktakeCount
from staff.models import Role
from tests.inventory.counting import reserve
from tests.orders.stories import assert_sound, counters

pytestmark = pytest.mark.browser


def scan(desk, code):
    """Type as a scanner does: the code and Enter."""
    desk.page.locator(".count-scan [name=code]").fill(code)
    desk.page.keyboard.press("Enter")


def said(desk):
    return desk.page.locator("[data-said]")


def test_from_the_plan_to_the_posting_on_a_phone(open_desk, shop):
    kim, sato = open_desk(Role.WAREHOUSE, width=390), open_desk(Role.WAREHOUSE, width=390)
    judge = open_desk(Role.EC_MANAGER, width=390)
    page = kim.page

    kim.open("/admin/inventory/stocktake/plan/")
    kim.fits()
    page.select_option("[name=warehouse]", label="Gimpo")
    page.select_option("[name=scope]", value="all")
    with page.expect_navigation():
        page.get_by_role("button", name="Plan").last.click()
    stocktake = Stocktake.objects.get()
    kim.press("Start counting")

    assert page.url.endswith(f"/admin/inventory/stocktake/{stocktake.pk}/count/")
    kim.fits()
    left = page.locator("[data-left]")
    expect(left).to_have_text("3 left")
    assert not re.search(r'"(expected|on_hand)"', page.content())  # blind

    # every scan is a piece; going on to another SKU notes what was scanned
    scan(kim, "mug-blue")
    scan(kim, "MUG-BLUE")
    expect(page.locator("[data-tally]")).to_have_text("2")
    scan(kim, "NOBODY-KNOWS")
    expect(said(kim)).to_contain_text("NOBODY-KNOWS is unknown")
    expect(left).to_have_text("2 left")

    # type the number, with the network gone for a moment
    page.get_by_role("button", name="Type the number").click()
    page.context.set_offline(True)
    scan(kim, "TEE-M")
    page.locator("[name=pieces]").fill("50")
    page.keyboard.press("Enter")
    expect(page.locator("[data-net]")).to_have_text("1 not sent yet")
    page.context.set_offline(False)
    expect(page.locator("[data-net]")).to_have_text("")
    scan(kim, "BAG")
    page.locator("[name=pieces]").fill("20")
    page.keyboard.press("Enter")
    expect(page.locator("[data-all-done]")).to_be_visible()
    expect(page.locator("[data-net]")).to_have_text("")  # the server has them all
    kim.complaints.clear()  # the browser says itself that the network was gone
    assert StocktakeCount.objects.count() == 3

    # the mug differs: another person counts it again, while one is sold
    reserve(shop.mug.stock_items.get(), 1)
    sato.open(f"/admin/inventory/stocktake/{stocktake.pk}/count/")
    expect(sato.page.locator("[data-left]")).to_have_text("1 left")
    scan(sato, "MUG-BLUE")
    scan(sato, "MUG-BLUE")
    sato.page.get_by_role("button", name="Done with it").click()
    expect(sato.page.locator("[data-all-done]")).to_be_visible()
    expect(sato.page.locator("[data-net]")).to_have_text("")
    sato.open(f"/admin/inventory/stocktake/{stocktake.pk}/change/")
    sato.press("Hand in")

    judge.open(f"/admin/inventory/stocktakeline/?tab=investigate&stocktake__id__exact={stocktake.pk}")
    judge.page.locator("#result_list tbody input[type=checkbox]").check()
    dialog = judge.ask("Give the reason")
    dialog.locator("[name=reason]").select_option("stolen")
    with judge.page.expect_navigation():
        dialog.get_by_role("button", name="Give the reason", exact=True).click()
    judge.open(f"/admin/inventory/stocktake/{stocktake.pk}/change/")
    judge.fits()
    judge.press("Approve and post")
    assert judge.fact("State") == "Posted"

    assert counters(shop.mug.stock_items.get()) == (2, 1)
    assert counters(shop.tee.stock_items.get()) == (50, 0)
    judge.open("/admin/figures/counting/")
    judge.sees("Stolen or lost · Stocktake")
    judge.fits()
    assert_sound()
