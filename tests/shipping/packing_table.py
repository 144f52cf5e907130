"""What tests of waves and packing ask again and again."""

from typing import Any

from inventory.models import StockItem
from orders.models import Order
from orders.services import confirm_orders
from shipping.models import PackingCheck
from shipping.selectors.waving import WaveCriteria
from shipping.services import scan
from tests.factories import make_order


def ready_order(*lines: tuple[StockItem, int], **over: Any) -> Order:
    """Make an order whose pieces are reserved."""
    order = make_order(*((item.variant, count) for item, count in lines), **over)
    confirm_orders(order_ids=[order.pk])
    order.refresh_from_db()
    assert order.status == "to_ship"
    return order


def criteria_of(item: StockItem, **over: Any) -> WaveCriteria:
    """Return criteria of the warehouse of a stock item."""
    return WaveCriteria(**{"warehouse_id": item.warehouse_id, **over})


def scan_all(*codes: str, **over: Any) -> list[PackingCheck]:
    """Scan an order's number and then pieces, as one person does; return the checks."""
    first, *pieces = codes
    checks = [scan(code=first, **over)]
    packing = checks[0].packing
    return checks + [scan(code=code, packing_id=packing.pk if packing else None, **over) for code in pieces]


def outcomes(checks: list[PackingCheck]) -> list[str]:
    """Return what the scans were told."""
    return [check.outcome for check in checks]
