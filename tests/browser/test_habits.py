"""Habits that hold on every page: the keyboard, languages, two people at one row."""

import pytest
from playwright.sync_api import expect

from staff.models import Role
from tests.factories import make_order, make_stock


def test_the_keyboard_walks_opens_searches_and_closes(open_desk, shop):
    orders = [make_order((shop.tee, 1), recipient_name=name) for name in ("first", "second")]
    desk = open_desk()
    desk.open("/admin/orders/order/?tab=to_confirm")
    page, top = desk.page, orders[1]
    page.keyboard.press("j")
    expect(page.get_by_role("link", name=top.number)).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name=orders[0].number)).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("[data-ticked]")).to_have_text("1")
    page.keyboard.press("k")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert f"/order/{top.pk}/" in page.url
    desk.ask("Confirm")
    page.keyboard.press("Escape")
    expect(page.locator("dialog#dialog[open]")).to_have_count(0)
    expect(page.locator(".page-head").get_by_role("link", name="Confirm")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("dialog#dialog[open]")).to_be_visible()
    with page.expect_navigation():
        page.locator("dialog#dialog[open]").get_by_role("button", name="Confirm", exact=True).press("Enter")
    assert desk.fact("Status") == "To ship"
    desk.open("/admin/orders/order/?tab=all")
    page.keyboard.press("/")
    expect(page.locator("#searchbar")).to_be_focused()


def test_tab_reaches_the_rows_and_enter_opens_one(open_desk, shop):
    order = make_order((shop.tee, 1))
    desk = open_desk()
    desk.open("/admin/orders/order/?tab=to_confirm")
    page = desk.page
    page.locator("#searchbar").focus()
    for _step in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#result_list tbody a') !== null"):
            break
    expect(page.get_by_role("link", name=order.number)).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert f"/order/{order.pk}/" in page.url


def test_a_click_anywhere_on_a_row_opens_it(open_desk, shop):
    order = make_order((shop.tee, 1))
    desk = open_desk()
    desk.open("/admin/orders/order/?tab=to_confirm")
    with desk.page.expect_navigation():
        desk.page.locator("#result_list tbody td.num").first.click()
    assert f"/order/{order.pk}/" in desk.page.url


@pytest.mark.parametrize(("language", "name", "orders"), [("ko", "한국어", "주문"), ("ja", "日本語", "注文")])
def test_the_language_is_switched_and_kept(open_desk, shop, language, name, orders):
    make_order((shop.tee, 1))
    desk = open_desk()
    page = desk.page
    page.get_by_text("unfold_more").click()
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    desk.open("/admin/orders/order/?tab=to_confirm")
    expect(page.locator("html")).to_have_attribute("lang", language)
    desk.sees(orders)
    desk.fits()


def test_two_people_at_one_order_see_both_values(open_desk, shop):
    order = make_order((shop.tee, 1), recipient_name="Before")
    one, two = open_desk(Role.EC_MANAGER), open_desk(Role.CS_AGENT)
    for desk in (one, two):
        desk.open(f"/admin/orders/order/{order.pk}/change/")
    one.page.fill("[name=recipient_name]", "By one")
    one.save()
    two.page.fill("[name=recipient_name]", "By two")
    two.save()
    two.sees("Somebody else changed this meanwhile")
    two.sees("By one → By two")
    order.refresh_from_db()
    assert order.recipient_name == "By one"
    two.save()
    order.refresh_from_db()
    assert order.recipient_name == "By two"


def test_a_refusal_is_said_in_the_dialogs_place(open_desk, shop):
    item = make_stock(on_hand=5)
    desk = open_desk(Role.WAREHOUSE)
    desk.open(f"/admin/inventory/stockitem/{item.pk}/change/")
    dialog = desk.ask("Receive")
    dialog.get_by_role("button", name="Receive", exact=True).click()
    expect(dialog.locator(".errorlist").first).to_be_visible()
    desk.fits()
    item.refresh_from_db()
    assert item.on_hand == 5


@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_the_navigation_opens_and_fits(open_desk, shop, role):
    make_order((shop.tee, 1), recipient_name="A very long name of a recipient that never seems to come to its end")
    desk = open_desk(role)
    addresses = desk.page.evaluate(
        "[...new Set([...document.querySelectorAll('#nav-sidebar a')].map(link => link.getAttribute('href')))]"
    )
    assert "/admin/" in addresses
    for address in filter(None, addresses):
        desk.open(address)
        desk.fits()
        desk.fits_a_phone()
