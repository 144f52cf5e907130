"""Orders of three channels from the file to the parcel, and a transfer that the bank's list brings."""

import re
from datetime import date

from django.urls import reverse
from playwright.sync_api import expect

from orders.models import Order, OrderStatus, Shipment
from payments.models import BankDeposit
from payments.services.deposits.taking import BankLine, take_deposits
from shipping.selectors.waving import WaveCriteria
from shipping.services import make_wave
from staff.models import Role
from tests.browser.test_main_job import import_file
from tests.factories import make_channel, make_order
from tests.order_files import generic, rakuten
from tests.orders.stories import assert_sound

SEOUL = generic(("W-1", "한솔", [("TEE-M", "티셔츠", 1, 19000), ("BAG", "가방", 1, 40000)]))
BUSAN = generic(("B-1", "김하윤", [("BAG", "가방", 1, 40000)]), ("B-2", "이서준", [("TEE-M", "티셔츠", 1, 19000)]))
OSAKA = rakuten(
    ("200001-20260502-0000000001", ("林", "葵"), ("MUG-BLUE", "マグ", 1, 2200)),
    ("200001-20260502-0000000002", ("佐々木", "恵"), ("BAG", "バッグ", 1, 4800)),
)


def test_three_channels_from_the_file_to_the_parcel(open_desk, shop):
    make_channel(code="busan", name="Busan shop")
    desk = open_desk(Role.EC_MANAGER, Role.WAREHOUSE)
    page = desk.page
    for channel, content in {"Seoul shop": SEOUL, "Busan shop": BUSAN, "Rakuten": OSAKA}.items():
        import_file(desk, channel, "orders.csv", content, 2)
    desk.open("/admin/orders/order/?tab=to_confirm")
    page.check("[data-tick-all]")
    desk.press("Confirm")
    assert set(Order.objects.values_list("status", flat=True)) == {OrderStatus.TO_SHIP}

    wave = make_wave(criteria=WaveCriteria(warehouse_id=shop.warehouse.pk))
    desk.open(f"/admin/shipping/pack/?wave={wave.pk}")
    goods = {order.number: [line.sku for line in order.lines.filter(kind="product")] for order in Order.objects.all()}
    while goods:
        number = next(one for one in goods if one in page.locator(".pack-next").inner_text())
        for code in (number, *goods.pop(number)):
            expect(page.locator("[data-scan] [name=code]")).to_be_focused()
            page.keyboard.type(code)
            with page.expect_response("**/shipping/pack/scan/"):
                page.keyboard.press("Enter")
        expect(page.locator("[data-beep]")).to_have_attribute("data-beep", "done")

    assert Shipment.objects.count() == 5
    assert set(Order.objects.values_list("status", flat=True)) == {OrderStatus.SHIPPED}
    assert all(order.paid_total == order.total for order in Order.objects.filter(currency="KRW"))
    assert_sound()


def test_a_bank_transfer_pays_its_order_with_one_key(open_desk, shop):
    ours, other = (
        make_order((shop.tee, 1), unit_price=19_000, is_prepaid=True, status="awaiting_payment", buyer_name=name,
                   sales_channel=shop.seoul, currency="KRW")
        for name in ("김하윤", "이서준")
    )  # fmt: skip
    line = BankLine(account="001", deposited_on=date(2026, 5, 1), amount=19_000, currency="KRW", payer_name="김하윤")
    take_deposits(lines=[line])
    assert BankDeposit.objects.get().state == "proposed"
    desk = open_desk(Role.ACCOUNTANT)
    page = desk.page
    assert desk.kpi("Deposits to match") == "1"
    desk.open("/admin/payments/bankdeposit/?tab=proposed")
    desk.open(reverse("admin:payments_deposit", args=[BankDeposit.objects.get().pk]))
    desk.sees(ours.number)
    desk.fits_a_phone()
    expect(page.get_by_role("button", name="Confirm").first).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    desk.sees(re.compile("^Matched"))
    ours.refresh_from_db()
    other.refresh_from_db()
    assert (ours.status, ours.paid_total, ours.payments.get().amount) == ("to_confirm", 19_000, 19_000)
    assert (other.status, other.paid_total) == ("awaiting_payment", 0)
    assert BankDeposit.objects.get().state == "matched"
    assert_sound()
