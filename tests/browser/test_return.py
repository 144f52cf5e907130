"""A customer gives something back: opened, received and inspected on a phone, resolved."""

import os
from pathlib import Path

from playwright.sync_api import expect

from compliance.services import sync_rules
from inventory.models import StockItem
from orders.models import Order
from payments.models import Refund, RefundLimit
from returns.models import ReturnRequest
from staff.models import Role
from tests.returns.making import make_reason, sold


def shot(page, name):
    if "SHOTS" in os.environ:
        page.screenshot(path=str(Path(os.environ["SHOTS"]) / f"{name}.png"), full_page=True)


def test_a_return_with_a_partial_refund_and_an_exchange(open_desk, shop):
    sync_rules()
    make_reason()
    RefundLimit.objects.update_or_create(currency="KRW", defaults={"agent_amount": 0, "alone_amount": 1_000_000})
    tee = StockItem.objects.get(variant=shop.tee, warehouse=shop.warehouse)
    order = sold(tee, 3, sales_channel=shop.seoul, jurisdiction="KR")
    desk = open_desk(Role.CS_LEAD, Role.WAREHOUSE)
    page = desk.page

    desk.open(f"/admin/orders/order/{order.pk}/change/")
    desk.follow("Return, exchange, claim")
    page.get_by_label("TEE-M", exact=True).fill("2")
    page.locator("select[name^=reason_]").select_option(label="Changed mind")
    shot(page, "return-open-1440")
    desk.follow("Open the case")
    case = ReturnRequest.objects.get()
    assert (case.state, case.withdrawal.is_in_time) == ("requested", True)
    shot(page, "return-case-1440")
    page.get_by_role("link", name="Approve").or_(page.get_by_role("button", name="Approve")).first.click()
    page.locator("#dialog").get_by_role("button", name="Approve").click()
    expect(page.locator("#content")).to_contain_text("The goods are to come back.")

    page.set_viewport_size({"width": 390, "height": 844})
    desk.open(f"/admin/returns/case/{case.pk}/inspect/")
    page.locator("input[name$='_1'][name^=count_]").fill("1")
    page.get_by_text("Not all are alike").click()
    page.locator("input[name$='_2'][name^=count_]").fill("1")
    page.locator("input[name^=evidence_]").fill("stain on the sleeve")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shot(page, "return-inspect-390")
    with page.expect_navigation():
        page.get_by_role("button", name="Receive and inspect").click()
    tee.refresh_from_db()
    assert (tee.on_hand, tee.held) == (49, 1)

    page.set_viewport_size({"width": 1440, "height": 900})
    desk.open(f"/admin/returns/case/{case.pk}/resolve/")
    good, bad = page.locator("[data-finding]").all()
    good.locator("select[name^=outcome_]").first.select_option("exchange")
    bad.locator("input[name^=loss_]").fill("4000")
    shot(page, "return-resolve-1440")
    with page.expect_navigation():
        page.get_by_role("button", name="Resolve the case").click()
    desk.sees(f"{case.number} is resolved.")
    assert Refund.objects.get().amount == 6_000
    assert Order.objects.get(original=order).status == "to_ship"
    shot(page, "return-resolved-1440")
