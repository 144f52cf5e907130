"""The grid in a real browser: arrows, paste, fill down, undo, save, and a conflict with a second person."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from playwright.sync_api import Page, expect

from catalog.models import Product, Variant
from catalog.services import set_price
from inventory.models import StockItem
from staff.models import Role
from tests.browser.desk import Desk

Open = Callable[..., Desk]
PAGE = "/admin/catalog/grid/?sort=sku"
SEND = """([kind, text]) => {
  const clipboardData = new DataTransfer();
  if (text !== null) clipboardData.setData("text/plain", text);
  const event = new ClipboardEvent(kind, { clipboardData, bubbles: true, cancelable: true });
  document.activeElement.dispatchEvent(event);
  return clipboardData.getData("text/plain");
}"""
COMPOSING_ENTER = """() => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true }))"""


def show(page: Page, *columns: str) -> None:
    """Choose exactly these columns."""
    page.locator("[data-grid-choose]").click()
    for box in page.locator("#grid-chooser [name=column]").all():
        box.set_checked(box.get_attribute("value") in columns)
    with page.expect_navigation():
        page.locator("[data-grid-arrange]").click()


def cell(page: Page, sku: str, heading: str | re.Pattern[str]) -> Any:
    """Return the cell of a row and a column."""
    at = page.locator("#grid thead th").filter(has_text=heading).first.get_attribute("data-c")
    return page.locator("#grid tbody tr").filter(has_text=sku).locator(f"[data-c='{at}']")


def saved(page: Page, sentence: str) -> None:
    """Save by the keyboard and wait for what is said."""
    page.keyboard.press("Control+s")
    expect(page.locator("[data-grid-status]")).to_have_text(sentence)


def test_a_day_in_the_grid(open_desk: Open, shop: SimpleNamespace) -> None:
    set_price(variant_id=shop.tee.pk, sales_channel_id=shop.seoul.pk, amount=12000)
    desk = open_desk(Role.EC_MANAGER)
    desk.open(PAGE)
    page = desk.page
    amount, low = f"amount:{shop.seoul.pk}", f"low_at:{shop.warehouse.pk}"
    show(page, "name", "brand", "barcode", "is_active", amount, low)

    # arrows and typing; Enter goes down, Esc takes back
    cell(page, "BAG", "Brand").click()
    page.keyboard.type("Uji")
    page.keyboard.press("Enter")
    page.keyboard.type("nothing")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowUp")
    expect(cell(page, "BAG", "Brand")).to_have_class(re.compile(r"\bactive\b.*|.*\bchanged\b"))
    expect(page.locator("[data-grid-save]")).to_have_text("Save 1 change")

    # fill down over a marked range
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+d")
    for sku in ("BAG", "MUG-BLUE", "TEE-M"):
        expect(cell(page, sku, "Brand").locator(".value")).to_have_text("Uji")
    page.keyboard.press("Control+z")
    expect(cell(page, "TEE-M", "Brand").locator(".value")).to_have_text("")
    page.keyboard.press("Control+y")
    expect(page.locator("[data-grid-save]")).to_have_text("Save 3 changes")

    # paste from a spreadsheet, larger than what is left of the grid
    cell(page, "MUG-BLUE", "Price").click()
    page.evaluate(SEND, ["paste", "9,900\t7\n１２，５００\t8\n100\t1\n"])
    expect(page.locator("[data-grid-status]")).to_contain_text("2 cells lay outside")
    expect(cell(page, "TEE-M", "Price").locator(".value")).to_have_text("12,500")
    assert page.evaluate(SEND, ["copy", None]) == "9900\t7\r\n12500\t8"
    saved(page, "7 saved")
    assert list(Product.objects.order_by("pk").values_list("brand", flat=True)) == ["Uji"] * 3
    assert sorted(StockItem.objects.values_list("low_at", flat=True)) == [2, 7, 8]
    assert sorted(shop.seoul.prices.filter(ends_at=None).values_list("amount", flat=True)) == [9900, 12500]

    # what is wrong stays, with its reason at the cell
    cell(page, "BAG", "Barcode").click()
    page.keyboard.type("4901234567890")
    page.keyboard.press("Enter")
    saved(page, "1 refused")
    expect(page.locator("#grid-pop")).to_contain_text("would have to be 4")
    page.keyboard.press("Escape")
    page.keyboard.press("F2")
    page.keyboard.press("Backspace")
    page.keyboard.type("4")
    page.keyboard.press("Tab")
    saved(page, "1 saved")
    assert Variant.objects.get(pk=shop.bag.pk).barcode == "4901234567894"


def test_two_people_change_one_cell(open_desk: Open, shop: SimpleNamespace) -> None:
    mine, theirs = open_desk(Role.EC_MANAGER), open_desk(Role.MERCHANDISER)
    mine.open(PAGE)
    theirs.open(PAGE)
    for desk, words in ((theirs, "Theirs"), (mine, "Mine")):
        cell(desk.page, "BAG", "Brand").click()
        desk.page.keyboard.type(words)
        desk.page.keyboard.press("Enter")
    cell(mine.page, "MUG-BLUE", "Brand").click()
    mine.page.keyboard.type("Mine, too")
    mine.page.keyboard.press("Enter")
    saved(theirs.page, "1 saved")
    saved(mine.page, "1 saved · 1 changed by somebody else")
    pop = mine.page.locator("#grid-pop")
    expect(pop).to_contain_text("Mine Mine")
    expect(pop).to_contain_text("Theirs Theirs")
    assert Product.objects.get(pk=shop.bag.product_id).brand == "Theirs"
    pop.get_by_role("button", name="Keep mine").click()
    saved(mine.page, "1 saved")
    assert Product.objects.get(pk=shop.bag.product_id).brand == "Mine"

    cell(theirs.page, "BAG", "Brand").click()
    theirs.page.keyboard.type("Again")
    theirs.page.keyboard.press("Enter")
    saved(theirs.page, "1 changed by somebody else")
    theirs.page.locator("#grid-pop").get_by_role("button", name="Take theirs").click()
    expect(cell(theirs.page, "BAG", "Brand").locator(".value")).to_have_text("Mine")
    expect(theirs.page.locator("[data-grid-save]")).to_be_disabled()


def test_a_composition_is_not_broken(open_desk: Open, shop: SimpleNamespace) -> None:
    desk = open_desk(Role.EC_MANAGER, language="ko")
    desk.open(PAGE)
    page = desk.page
    cell(page, "BAG", re.compile("브랜드|Brand")).click()
    session = desk.context.new_cdp_session(page)
    for part in ("ㅊ", "차", "찻"):
        session.send("Input.imeSetComposition", {"text": part, "selectionStart": 1, "selectionEnd": 1})
    # Enter within the composition ends it, and moves nowhere
    page.evaluate(COMPOSING_ENTER)
    expect(page.locator(".grid-input.editing")).to_have_value("찻")
    session.send("Input.insertText", {"text": "찻잎"})
    page.keyboard.press("Enter")
    expect(cell(page, "BAG", re.compile("브랜드|Brand")).locator(".value")).to_have_text("찻잎")
    page.keyboard.press("Control+s")
    expect(page.locator("[data-grid-status]")).to_contain_text("1")
    assert Product.objects.get(pk=shop.bag.product_id).brand == "찻잎"


def test_lists_lead_here_and_a_phone_can_edit(open_desk: Open, shop: SimpleNamespace) -> None:
    desk = open_desk(Role.EC_MANAGER)
    desk.open("/admin/catalog/variant/")
    page = desk.page
    page.locator("#result_list tbody tr").filter(has_text="BAG").locator("input").check()
    with page.expect_navigation():
        page.locator(".bulk-bar").get_by_role("link", name="Edit in grid").click()
    expect(page.locator("#grid tbody tr")).to_have_count(1)
    expect(page.locator("#grid tbody th .value")).to_have_text("BAG")

    phone = open_desk(Role.EC_MANAGER, width=390)
    phone.open(PAGE)
    cell(phone.page, "MUG-BLUE", "Options").dblclick()
    phone.page.keyboard.press("Control+a")
    phone.page.keyboard.type("Navy")
    phone.page.keyboard.press("Enter")
    phone.page.locator("[data-grid-save]").click()
    expect(phone.page.locator("[data-grid-status]")).to_have_text("1 saved")
    assert Variant.objects.get(pk=shop.mug.pk).name == "Navy"
