"""Channels whose orders need no person between their arrival and the shelf."""

from django.db.models import Exists, OuterRef

from orders.models import LineKind, Order, OrderLine, OrderStatus
from orders.services.confirming import ConfirmReport, confirm_orders
from orders.services.stops import STOPPED

BATCH = 500
_UNKNOWN = Exists(OrderLine.objects.filter(order=OuterRef("pk"), kind=LineKind.PRODUCT, variant=None))


def confirm_by_itself(*, batch: int = BATCH) -> ConfirmReport:
    """Confirm what is to be confirmed on channels that confirm by themselves, the oldest first.

    Left for a person: orders that are held without taking stock, have something to check, or a line without a product.
    Each batch is a transaction of its own; two at once confirm each order once.
    """
    ready = Order.objects.filter(
        ~STOPPED, ~_UNKNOWN, status=OrderStatus.TO_CONFIRM, to_check="", sales_channel__handling__confirms_itself=True
    ).order_by("placed_at", "pk")
    report = ConfirmReport()
    while ids := list(ready.values_list("pk", flat=True)[:batch]):
        part = confirm_orders(order_ids=ids)
        report.done += part.done
        report.waiting |= part.waiting
        if not part.done and not part.waiting:  # somebody was faster, or all were refused: the next time
            break
    return report
