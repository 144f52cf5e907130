"""An order under the law of Korea as tests of deadlines need it: when, received, and which clocks run."""

from datetime import datetime
from zoneinfo import ZoneInfo

from compliance.models import LegalClock
from orders.models import DeliverySource, Order
from orders.services import Delivered, confirm_orders, record_deliveries, record_payment, ship_orders
from tests.factories import make_order

SEOUL = ZoneInfo("Asia/Seoul")
PLACED = datetime(2026, 11, 2, 10, tzinfo=SEOUL)  # a Monday


def at(day, hour=12, month=11):
    """Return a moment of 2026 in Seoul."""
    return datetime(2026, month, day, hour, tzinfo=SEOUL)


def make_received(item):
    """Make three pieces of 10,000 won with shipping of 3,000, paid and sent on the 3rd, received on the 4th."""
    order = make_order(
        (item.variant, 3), unit_price=10_000, shipping=3_000, placed_at=PLACED, is_prepaid=True, jurisdiction="KR"
    )
    record_payment(order_id=order.pk, amount=33_000, paid_at=PLACED)
    confirm_orders(order_ids=[order.pk])
    ship_orders(order_ids=[order.pk], at=at(3))
    deliver(order, at(4))
    return Order.objects.get(pk=order.pk)


def deliver(order, moment, **over):
    """Note that a parcel of the order was received."""
    shipment = order.shipments.get(**over) if over else order.shipments.get()
    one = Delivered(shipment_id=shipment.pk, at=moment, source=DeliverySource.CARRIER)
    return record_deliveries(deliveries=[one])


def line_of(order):
    """Return the order's goods."""
    return order.lines.get(kind="product")


def running():
    """Return the codes of the rules whose clocks run."""
    return sorted(LegalClock.objects.running().values_list("rule__code", flat=True))


def clock(code):
    """Return the clock of a rule."""
    return LegalClock.objects.select_related("rule").get(rule__code=code)
