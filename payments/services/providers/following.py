"""What parcels and cancellations mean for reserved money."""

from django.db import transaction
from django.db.models import F, QuerySet, Sum

from core.errors import DomainError
from orders.models import LineKind, Order, OrderStatus
from orders.services.batches import lock_order
from payments.models import CaptureTime, ProviderCode, ProviderPayment, ProviderState
from payments.services.providers.asking import capture_payment, void_payment

ONE_CAPTURE = {ProviderCode.STRIPE}  # the rest is let go with the first part


@transaction.atomic
def capture_shipped(*, order_id: int) -> int:
    """Take reserved money for what has left, where the method says so; return how many payments were asked.

    Of a part its value; all that is due with the last parcel, and with a provider that takes only once. Again it finds
    nothing left to take, or the question already put.
    """
    order = lock_order(order_id)
    is_complete = order.status == OrderStatus.SHIPPED
    wanted = order.total - order.paid_total if is_complete else _shipped_value(order) - order.paid_total
    asked = 0
    for payment in _reserved(order).filter(method__captures=CaptureTime.ON_SHIPPING):
        amount = min(payment.capturable, wanted)
        if amount <= 0 or (payment.provider in ONE_CAPTURE and not is_complete):
            continue
        try:
            capture_payment(payment_id=payment.pk, amount=amount)
        except DomainError:  # it is being asked already
            continue
        wanted -= amount
        asked += 1
    return asked


@transaction.atomic
def void_cancelled(*, order_id: int) -> int:
    """Let go what is reserved for an order that is called off as a whole; return how many payments were asked."""
    order = lock_order(order_id)
    if order.status != OrderStatus.CANCELLED:
        return 0
    asked = 0
    for payment in _reserved(order):
        try:
            void_payment(payment_id=payment.pk)
        except DomainError:
            continue
        asked += 1
    return asked


def _reserved(order: Order) -> "QuerySet[ProviderPayment]":
    return ProviderPayment.objects.filter(order=order, state=ProviderState.AUTHORISED).order_by("pk")


def _shipped_value(order: Order) -> int:
    lines = order.lines.filter(kind=LineKind.PRODUCT)
    value = lines.aggregate(total=Sum(F("total") * F("shipped_count") / F("quantity")))["total"]
    return int(value or 0)
