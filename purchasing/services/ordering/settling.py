"""What becomes of an order that went out: the supplier's answer, cancelling, giving the remainder up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition
from core.events import record
from purchasing.events import PurchaseOrderCancelled, PurchaseOrderClosed, PurchaseOrderConfirmed
from purchasing.models import PurchaseOrder, PurchaseOrderLine, PurchaseState
from purchasing.policies import can_send_purchase_orders, may_cancel
from purchasing.services.ordering.asking import stop_asking
from purchasing.services.ordering.mailing import withdraw_mail
from purchasing.services.ordering.orders import (
    MOST_PIECES,
    check_right,
    lock_purchase_order,
    move_purchase_order,
    refresh_purchase_total,
)
from staff.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedLine:
    """What the supplier promises for a line: pieces in all, and the day (None: the order's)."""

    quantity: int
    expected_on: date | None = None


@transaction.atomic
def confirm_purchase_order(
    *,
    order_id: int,
    reference: str = "",
    expected_on: date | None = None,
    lines: Mapping[int, ConfirmedLine] | None = None,
    actor: User | None = None,
) -> PurchaseOrder:
    """Write the supplier's answer down and return the order, confirmed; ``lines`` by line id, others are as ordered.

    Fewer pieces are given up, more are ordered (the total follows). NotAllowed without the right to send;
    InvalidTransition when it was not sent; InvalidInput for a quantity below 0, a line of another order,
    or when nothing is promised at all.
    """
    check_right(can_send_purchase_orders, actor)
    order = lock_purchase_order(order_id)
    answers = lines or {}
    known = {line.pk: line for line in order.lines.select_related("variant")}
    if set(answers) - set(known):
        raise InvalidInput(_("A line is not part of this order. Reload the page."))
    if not all(0 <= answer.quantity <= MOST_PIECES for answer in answers.values()):
        raise InvalidInput(_("A quantity cannot be used. Write how many pieces, as a whole number."))
    move_purchase_order(
        order,
        PurchaseState.CONFIRMED,
        confirmed_at=timezone.now(),
        supplier_reference=reference.strip()[:80],
        expected_on=expected_on or order.expected_on,
    )
    changed = [line for pk, answer in answers.items() if _answer(line := known[pk], answer)]
    if not any(line.open_count for line in known.values()):
        raise InvalidInput(_("Nothing of it will come. Cancel the order instead."))
    PurchaseOrderLine.objects.bulk_update(changed, ["quantity", "given_up", "expected_on"])
    refresh_purchase_total(order)
    skus = sorted(line.variant.sku for line in changed)
    event = PurchaseOrderConfirmed(order_id=order.pk, reference=order.supplier_reference, changed=skus)
    record(event, subject=order, actor=actor)
    return order


def _answer(line: PurchaseOrderLine, answer: ConfirmedLine) -> bool:
    """Change the line as the supplier answered and tell whether anything differs."""
    before = (line.quantity, line.given_up, line.expected_on)
    line.given_up = max(0, line.quantity - answer.quantity)
    line.quantity = max(line.quantity, answer.quantity)
    line.expected_on = answer.expected_on or line.expected_on
    return before != (line.quantity, line.given_up, line.expected_on)


@transaction.atomic
def cancel_purchase_order(*, order_id: int, reason: str, actor: User | None = None) -> PurchaseOrder:
    """Call an order off of which nothing arrived and return it.

    NotAllowed without the right to order (after it went out: to send); InvalidInput without a reason;
    InvalidTransition when something arrived, or while its mail is being handed over.
    """
    order = lock_purchase_order(order_id)
    check_right(lambda user: may_cancel(user, was_sent=order.sent_at is not None), actor)
    reason = _given(reason)
    withdraw_mail(order)
    if order.state == PurchaseState.TO_APPROVE:
        stop_asking(order)
    move_purchase_order(order, PurchaseState.CANCELLED, closed_at=timezone.now(), close_reason=reason)
    record(PurchaseOrderCancelled(order_id=order.pk, reason=reason), subject=order, actor=actor)
    return order


@transaction.atomic
def close_purchase_order(*, order_id: int, reason: str, actor: User | None = None) -> PurchaseOrder:
    """Give up on purpose what has not arrived of a partly received order and return it, closed.

    NotAllowed without the right to send; InvalidInput without a reason; InvalidTransition when nothing arrived
    (cancel it then) or nothing is open.
    """
    check_right(can_send_purchase_orders, actor)
    reason = _given(reason)
    order = lock_purchase_order(order_id)
    if order.state != PurchaseState.PARTLY_RECEIVED:
        raise InvalidTransition(_("Only a partly received order has a remainder that can be given up."))
    lines = [line for line in order.lines.all() if line.open_count]
    count = sum(line.open_count for line in lines)
    for line in lines:
        line.given_up += line.open_count
    PurchaseOrderLine.objects.bulk_update(lines, ["given_up"])
    move_purchase_order(order, PurchaseState.CLOSED, closed_at=timezone.now(), close_reason=reason)
    record(PurchaseOrderClosed(order_id=order.pk, reason=reason, piece_count=count), subject=order, actor=actor)
    return order


def _given(reason: str) -> str:
    if not reason.strip():
        raise InvalidInput(_("Say why."))
    return reason.strip()[:200]
