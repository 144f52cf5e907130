"""Money that came in or went back."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.services import Stop
from core.commands import once
from core.errors import Conflict, InvalidInput, InvalidTransition
from core.events import record
from core.money import format_money
from orders.events import PaymentRecorded, RefundRecorded
from orders.models import OPEN_STATUSES, Order, OrderStatus, Payment, PaymentKind
from orders.policies import can_record_payments
from orders.services.accepting import next_status
from orders.services.batches import check_right, lock_order
from orders.services.changing.settling import settle_changes
from orders.services.legal.deadlines import begin_shipping, settle_refund
from staff.models import User


def record_payment(
    *,
    order_id: int,
    amount: int,
    method: str = "",
    external_id: str = "",
    paid_at: datetime | None = None,
    key: str = "",
    actor: User | None = None,
) -> Payment:
    """Note money that came in (minor units of the order's currency); a settled order no longer waits for payment.

    Where the law counts the time to ship from the payment, it starts.

    The same ``external_id`` (the provider's number) or ``key`` answers with the same payment; Conflict when it comes
    with another amount. InvalidInput for nothing or more than is due; InvalidTransition for a cancelled order.
    """
    check_right(can_record_payments, actor)

    @transaction.atomic  # not around ``once``: a kept refusal must outlive it
    def run() -> int:
        order = lock_order(order_id)
        if known := _known(order, PaymentKind.CAPTURE, external_id, amount):
            return known.pk
        if order.status == OrderStatus.CANCELLED:
            raise InvalidTransition(_("The order is cancelled; money that still came in must go back."))
        _check_amount(amount, order.total - order.paid_total, order, _("Only %(limit)s is due on this order."))
        payment = _write(order, PaymentKind.CAPTURE, amount, method, external_id, paid_at)
        settled = order.paid_total >= order.total
        if order.status == OrderStatus.AWAITING_PAYMENT and settled:
            order.status = next_status(order)
            order.save(update_fields=["status"])
        settle_changes([order.pk])
        fact = PaymentRecorded(
            order_id=order.pk, payment_id=payment.pk, amount=amount, currency=order.currency, is_settled=settled
        )
        record(fact, subject=order, actor=actor)
        if settled and order.is_prepaid and order.status in OPEN_STATUSES:
            begin_shipping([(order, payment.paid_at)])
        return payment.pk

    return _once(key, {"order": order_id, "amount": amount, "kind": PaymentKind.CAPTURE, "id": external_id}, run)


def record_refund(
    *,
    order_id: int,
    amount: int,
    reason: str = "",
    method: str = "",
    external_id: str = "",
    paid_at: datetime | None = None,
    key: str = "",
    actor: User | None = None,
) -> Payment:
    """Note money that went back; all refunds together never exceed what was paid, and legal deadlines are settled.

    The same ``external_id`` or ``key`` answers with the same refund; Conflict when it comes with another amount.
    InvalidInput for nothing or more than was paid.
    """
    check_right(can_record_payments, actor)

    @transaction.atomic
    def run() -> int:
        order = lock_order(order_id)
        if known := _known(order, PaymentKind.REFUND, external_id, amount):
            return known.pk
        _check_amount(amount, order.paid_total, order, _("Only %(limit)s of what was paid is left to refund."))
        payment = _write(order, PaymentKind.REFUND, amount, method, external_id, paid_at)
        settle_changes([order.pk])
        fact = RefundRecorded(
            order_id=order.pk, payment_id=payment.pk, amount=amount, currency=order.currency, reason=reason
        )
        record(fact, subject=order, actor=actor)
        stop = Stop(at=payment.paid_at, evidence=payment.external_id or str(payment))
        settle_refund(order, amount, stop, actor)
        return payment.pk

    return _once(key, {"order": order_id, "amount": amount, "kind": PaymentKind.REFUND, "id": external_id}, run)


def _once(key: str, parameters: dict[str, object], run: Callable[[], int]) -> Payment:
    pk = once(key=f"orders.payment:{key}", parameters=parameters, run=run) if key else run()
    return Payment.objects.get(pk=pk)


def _known(order: Order, kind: PaymentKind, external_id: str, amount: int) -> Payment | None:
    """Return the payment that this order already has under the provider's number."""
    if not external_id:
        return None
    known = order.payments.filter(kind=kind, external_id=external_id).first()
    if known is not None and known.amount != amount:
        raise Conflict(_("The provider's number is already recorded with another amount."))
    return known


def _check_amount(amount: int, limit: int, order: Order, sentence: str) -> None:
    if amount <= 0:
        raise InvalidInput(_("The amount must be more than zero."))
    if amount > limit:
        raise InvalidInput(sentence % {"limit": format_money(max(limit, 0), order.currency)})


def _write(
    order: Order, kind: PaymentKind, amount: int, method: str, external_id: str, paid_at: datetime | None
) -> Payment:
    payment = Payment.objects.create(
        order=order,
        kind=kind,
        method=method,
        amount=amount,
        currency=order.currency,
        external_id=external_id,
        paid_at=paid_at or timezone.now(),
    )
    order.paid_total += amount if kind == PaymentKind.CAPTURE else -amount
    order.save(update_fields=["paid_total", "updated_at"])
    return payment
