"""Cases for tests, in their initial state."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from inventory.models import StockItem
from orders.models import DeliverySource, Order
from orders.services import Delivered, confirm_orders, record_deliveries, record_payment, ship_orders
from returns.models import AskedThrough, RequestKind, Resolution, ReturnReason, ReturnRequest, ReturnRule
from returns.services import Found, LineWish, approve_return, inspect_return, open_return, receive_return
from tests.factories import make_order


def make_reason(code: str = "changed-mind", **over: Any) -> ReturnReason:
    """Make a change of mind, or another reason of the shop."""
    usual = {"name_en": code.replace("-", " ").capitalize(), "fault": "customer", "shipping_payer": "customer"}
    return ReturnReason.objects.update_or_create(code=code, defaults={**usual, **over})[0]


def make_rule(**over: Any) -> ReturnRule:
    """Make a rule for everything that allows money and exchange."""
    return ReturnRule.objects.create(**{"name": "Everything", **over})


def sold(item: StockItem, pieces: int = 3, *, days_ago: int = 2, **over: Any) -> Order:
    """Return an order of some pieces that was paid, sent, and received ``days_ago`` days ago."""
    now = timezone.now()
    placed = now - timedelta(days=days_ago + 2)
    price = over.pop("unit_price", 10_000)
    address = {"recipient_name": "Kim Minjun", "postcode": "04524", "region": "서울특별시", "city": "중구",
               "address_1": "세종대로 110", "buyer_name": "Kim Minjun", "recipient_phone": "02-120"}  # fmt: skip
    order = make_order(
        (item.variant, pieces), unit_price=price, is_prepaid=True, placed_at=placed, **{**address, **over}
    )
    record_payment(order_id=order.pk, amount=order.total, paid_at=placed)
    confirm_orders(order_ids=[order.pk])
    ship_orders(order_ids=[order.pk], at=now - timedelta(days=days_ago + 1))
    for shipment in order.shipments.all():
        one = Delivered(shipment_id=shipment.pk, at=now - timedelta(days=days_ago), source=DeliverySource.CARRIER)
        record_deliveries(deliveries=[one])
    return Order.objects.get(pk=order.pk)


def ask(order: Order, pieces: int = 1, *, reason: str = "changed-mind", at: datetime | None = None, **over: Any) -> Any:
    """Open a case for some pieces of the order's first line."""
    wish = {
        "line_id": order.lines.filter(kind="product").first().pk,  # type: ignore[union-attr]
        "quantity": pieces,
        "reason_id": make_reason(reason).pk if reason == "changed-mind" else ReturnReason.objects.get(code=reason).pk,
        "wish": over.pop("wish", Resolution.REFUND),
        "exchange_variant_id": over.pop("exchange_variant_id", None),
    }
    return open_return(
        order_id=order.pk,
        lines=[LineWish(**wish)],
        asked_at=at or timezone.now(),
        asked_through=over.pop("through", AskedThrough.PHONE),
        kind=over.pop("kind", RequestKind.RETURN),
        **over,
    )


def came_back(request: ReturnRequest, *found: tuple[int, str], evidence: str = "") -> ReturnRequest:
    """Approve a case with one line, receive and inspect it: (pieces, condition), all of what was asked back."""
    if request.state == "requested":
        approve_return(request_id=request.pk)
    line = request.lines.get()
    receive_return(request_id=request.pk, counts={line.pk: sum(count for count, _condition in found)})
    findings = [
        Found(line_id=line.pk, quantity=count, condition=condition, evidence=evidence) for count, condition in found
    ]
    return inspect_return(request_id=request.pk, findings=findings)
