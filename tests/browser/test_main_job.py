"""The main job as an EC manager does it: files in, orders confirmed and shipped, stock and numbers that agree."""

import re

import pytest
from playwright.sync_api import expect

from inventory.models import StockItem
from orders.models import Order, OrderStatus, Shipment
from staff.models import Role
from tests.order_files import generic, rakuten

SEOUL = generic(
    ("W-1", "한솔", [("TEE-M", "티셔츠", 2, 19000), ("BAG", "가방", 3, 40000)]),
    ("W-2", "김하윤", [("TEE-M", "티셔츠", 1, 19000)]),
    ("W-3", "이서준", [("MUG-BLUE", "머그컵", 2, 9000)]),
    ("W-4", "김하윤", [("MUG-BLUE", "머그컵", 2, 9000)]),
)
OSAKA = rakuten(
    ("200001-20260502-0000000001", ("林", "葵"), ("TEE-M", "Tシャツ", 1, 2200)),
    ("200001-20260502-0000000002", ("佐々木", "恵"), ("BAG", "バッグ", 1, 4800)),
)


def import_file(desk, channel, name, content, rows):
    """Bring a file in by the buttons of the pages, from choosing it to its result."""
    desk.upload(channel, name, content)
    desk.fits()
    desk.follow(re.compile("^Preview"))
    desk.sees(f"Import {rows} rows")
    desk.fits()
    desk.follow(re.compile(f"Import {rows} rows"))
    desk.sees("All rows are imported")
    desk.fits()
    desk.follow("Reconciliation", within=".page-head")
    desk.sees("Everything is accounted for")
    desk.fits()


@pytest.mark.parametrize("width", [1440, 390])
def test_from_the_file_to_the_parcel(open_desk, shop, width):
    desk = open_desk(Role.EC_MANAGER, width=width)
    assert desk.kpi("To confirm") == "0"
    import_file(desk, "Seoul shop", "seoul.csv", SEOUL, 5)
    import_file(desk, "Rakuten", "rakuten.csv", OSAKA, 2)
    page = desk.page

    # names of two characters in both languages, and a number
    desk.open("/admin/orders/order/?tab=all")
    numbers = {order.external_number: order.number for order in Order.objects.all()}
    assert desk.search("한솔") == [numbers["W-1"]]
    assert desk.search("林 葵") == [numbers["200001-20260502-0000000001"]]
    assert desk.search("W-3") == [numbers["W-3"]]
    desk.fits()

    # all six in bulk: five are reserved, the later order of the mug waits
    desk.open("/admin/orders/order/?tab=to_confirm")
    assert len(desk.first_cells()) == 6
    desk.fits()
    if width > 767:
        page.check("[data-tick-all]")
    else:
        for box in page.locator("#result_list tbody input[type=checkbox]").all():
            box.check()
    expect(page.locator("[data-ticked]")).to_have_text("6")
    desk.press("Confirm")
    desk.sees("6 done. 1 of them wait for stock.")
    assert Order.objects.filter(status=OrderStatus.TO_SHIP).count() == 5
    assert Order.objects.filter(status=OrderStatus.AWAITING_STOCK).count() == 1

    # ship a part, then the rest
    desk.open("/admin/orders/order/?tab=to_ship")
    desk.search("한솔")
    desk.open_row(numbers["W-1"])
    desk.fits()
    order = Order.objects.get(external_number="W-1")
    _tee, bag = order.lines.order_by("position")
    desk.ask("Ship")
    desk.fits()
    desk.answer("Ship", carrier="CJ대한통운", tracking_number="6000-1111", **{f"line_{bag.pk}": 1})
    desk.sees("Shipped: S-")
    assert desk.fact("Status") == "Partly shipped"
    desk.press("Ship", carrier="CJ대한통운", tracking_number="6000-2222")
    assert desk.fact("Status") == "Shipped"
    timeline = page.locator("#panel-timeline")
    expect(timeline).to_contain_text("6000-1111")
    expect(timeline).to_contain_text("6000-2222")
    expect(timeline).to_contain_text("Colleague0")
    expect(page.locator("#panel-shipments")).to_contain_text("6000-2222")
    desk.fits()

    # call another one off: its pieces can be sold again
    other = Order.objects.get(external_number="W-2")
    desk.open(f"/admin/orders/order/{other.pk}/change/")
    desk.press("Cancel order", reason="Double order")
    assert desk.fact("Status") == "Cancelled"
    item = StockItem.objects.get(variant=shop.tee)
    assert (item.on_hand, item.reserved) == (48, 1)

    # why is it this number?
    desk.open(f"/admin/inventory/stockitem/{item.pk}/change/")
    story = page.locator("#panel-why")
    for number in ("W-1", "W-2", "200001-20260502-0000000001"):
        expect(story).to_contain_text(numbers[number])
    assert (desk.fact("On hand"), desk.fact("Reserved"), desk.fact("Available")) == ("48", "1", "47")
    desk.fits()

    # the home page says the same
    desk.open("/admin/")
    assert desk.kpi("To confirm") == "0"
    assert desk.kpi("To ship") == str(Order.objects.filter(status=OrderStatus.TO_SHIP).count()) == "3"
    desk.sees("1 wait for stock")
    desk.fits()


def test_the_same_file_again_changes_nothing(open_desk, shop):
    desk = open_desk()
    import_file(desk, "Seoul shop", "seoul.csv", SEOUL, 5)
    before = list(Order.objects.order_by("pk").values())
    import_file(desk, "Seoul shop", "seoul-again.csv", SEOUL, 5)
    assert list(Order.objects.order_by("pk").values()) == before


def test_a_double_click_ships_once(open_desk, shop):
    desk = open_desk()
    import_file(desk, "Seoul shop", "seoul.csv", SEOUL, 5)
    desk.open("/admin/orders/order/?tab=to_confirm&q=W-1")
    desk.open_row("W-1")
    desk.press("Confirm")
    dialog = desk.ask("Ship")
    dialog.locator("[name=carrier]").fill("DHL")
    order = Order.objects.get(external_number="W-1")
    for line in order.lines.all():
        dialog.locator(f"[name=line_{line.pk}]").fill("1")
    with desk.page.expect_navigation():
        dialog.get_by_role("button", name="Ship", exact=True).dblclick()
    desk.sees("Shipped: S-")
    assert Shipment.objects.count() == 1
    assert [line.shipped_count for line in order.lines.order_by("position")] == [1, 1]
