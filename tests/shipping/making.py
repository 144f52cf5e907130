"""Orders that are ready to leave, and the carriers that take them."""

from datetime import date
from typing import Any

from catalog.models import SalesChannel
from orders.models import Order
from orders.services import confirm_orders
from shipping.models import Carrier, OutFormat
from shipping.services import Wanted, sync_carriers, sync_out_formats
from tests.factories import make_channel, make_order, make_stock, make_variant, make_warehouse

DAY = date(2026, 11, 24)
WANTED = Wanted(ship_on=DAY)
ADDRESS = {
    "recipient_name": "山田 花子",
    "recipient_kana": "ヤマダ ハナコ",
    "recipient_phone": "090-0000-1234",
    "postcode": "150-0002",
    "region": "東京都",
    "city": "渋谷区",
    "address_1": "渋谷2-21-1",
    "address_2": "サンプルビル12F",
    "country": "JP",
}


def carrier_of(code: str) -> Carrier:
    """Return a delivered carrier."""
    sync_carriers()
    return Carrier.objects.get(code=code)


def format_of(code: str) -> OutFormat:
    """Return a delivered format."""
    sync_out_formats()
    return OutFormat.objects.get(code=code)


def japanese_channel() -> SalesChannel:
    """Return a Japanese mall, the same one each time."""
    known = SalesChannel.objects.filter(code="jp").first()
    return known or make_channel(
        code="jp", name="JP", kind="rakuten", currency="JPY", country="JP", time_zone="Asia/Tokyo"
    )


def ready_orders(count: int = 1, **over: Any) -> list[Order]:
    """Make orders with one piece each, reserved and ready to leave."""
    variant = make_variant(weight_g=400)
    warehouse = make_warehouse(country="JP")
    make_stock(variant, on_hand=count, warehouse=warehouse)
    values = {"sales_channel": japanese_channel(), **ADDRESS, **over}
    orders = [make_order((variant, 1), **values) for _number in range(count)]
    report = confirm_orders(order_ids=[order.pk for order in orders])
    assert len(report.done) == count
    return list(Order.objects.filter(pk__in=[order.pk for order in orders]).order_by("pk"))
