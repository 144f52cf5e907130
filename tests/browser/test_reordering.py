"""From a proposal to a purchase order, on a desk and on a phone."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from purchasing.models import PriceBreak, PurchaseOrderLine, ReorderProposal
from staff.models import Role
from tests.purchasing.making import make_supplier
from tests.purchasing.test_deciding import make_proposal
from tests.purchasing.test_reorder_page import FIGURES

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [1440, 390])
def test_a_ticked_line_becomes_a_purchase_order(open_desk, shop, width):
    supplier = make_supplier(name="Linen House")
    today = timezone.localdate()
    row = make_proposal(supplier, figures=FIGURES, amount=6_000, order_by=today)
    make_proposal(supplier, figures=FIGURES, amount=6_000, order_by=today)
    buyer = open_desk(Role.EC_MANAGER, width=width)
    buyer.open("/admin/purchasing/reorder/")
    buyer.fits()
    page = buyer.page
    page.get_by_text("Why?").first.click()
    expect(page.get_by_text("An order takes 9 days, as agreed.").first).to_be_visible()
    pieces = page.locator(f"[name=quantity-{row.pk}]")
    pieces.fill("18")
    pieces.blur()
    expect(page.locator("[data-ticked]")).to_have_text("1 line ticked")
    with page.expect_navigation():
        page.get_by_role("button", name="Draft purchase orders").click()
    expect(page.get_by_text("1 purchase order was drafted:")).to_be_visible()
    assert list(PurchaseOrderLine.objects.values_list("variant", "quantity")) == [(row.variant_id, 18)]
    assert sorted(ReorderProposal.objects.values_list("state", flat=True)) == ["open", "ordered"]


def test_keys_move_tick_change_and_hand_in(open_desk, shop):
    supplier = make_supplier(name="Linen House")
    today = timezone.localdate()
    first, second = (make_proposal(supplier, figures=FIGURES, amount=6_000, order_by=today) for _n in range(2))
    PriceBreak.objects.create(item=second.item, starts_on=today, price=500)
    PriceBreak.objects.create(item=second.item, starts_on=today, from_quantity=18, price=400)
    buyer = open_desk(Role.EC_MANAGER)
    buyer.open("/admin/purchasing/reorder/")
    page = buyer.page
    for key in ("j", "j", "w", "+"):
        page.keyboard.press(key)
    expect(page.get_by_text("An order takes 9 days, as agreed.").nth(1)).to_be_visible()
    expect(page.locator(f"[name=quantity-{second.pk}]")).to_have_value("18")
    expect(page.locator("[data-ticked]")).to_have_text("1 line ticked")
    expect(page.locator("[data-sum]")).to_have_text("₩7,200")
    for key in ("q", "2", "0", "Escape", "k", "x", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-sum]")).to_have_text("₩8,000")
    with page.expect_navigation():
        page.keyboard.press("Shift+O")
    expect(page.get_by_text("1 purchase order was handed in")).to_be_visible()
    assert list(PurchaseOrderLine.objects.values_list("variant", "quantity")) == [(second.variant_id, 20)]
    first.refresh_from_db()
    assert first.state == "open"
