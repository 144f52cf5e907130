"""From draft to approved, and back."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from purchasing.events import PurchaseOrderApproved, PurchaseOrderReopened, PurchaseOrderSubmitted
from purchasing.models import ApprovalLimit, PurchaseOrder, PurchaseState
from purchasing.policies import (
    can_approve_purchase_order,
    can_approve_purchase_orders,
    can_write_purchase_orders,
    may_reopen,
)
from purchasing.services.ordering.asking import ask_for_approval, tell_decided
from purchasing.services.ordering.mailing import withdraw_mail
from purchasing.services.ordering.orders import check_right, lock_purchase_order, move_purchase_order
from staff.models import User


def needs_approval(order: PurchaseOrder) -> bool:
    """Tell whether a second person must approve: above its currency's limit, or always when there is none."""
    limit = ApprovalLimit.objects.filter(currency=order.currency).first()
    return limit is None or order.total > limit.amount


@transaction.atomic
def submit_purchase_order(*, order_id: int, actor: User | None = None) -> PurchaseOrder:
    """Hand a draft in and return it: approved at once up to the limit of its currency, else waiting for approval.

    NotAllowed without the right to order; InvalidTransition when it is no draft; InvalidInput for an order without
    lines or with a line whose price nobody knows.
    """
    check_right(can_write_purchase_orders, actor)
    order = lock_purchase_order(order_id)
    if order.state != PurchaseState.DRAFT:
        raise InvalidTransition(_("Only a draft can be handed in. Reload the page to see where the order stands."))
    _check_complete(order)
    if needs_approval(order):
        move_purchase_order(order, PurchaseState.TO_APPROVE, submitted_by=actor)
        record(PurchaseOrderSubmitted(order_id=order.pk), subject=order, actor=actor)
        ask_for_approval(order, actor=actor)
    else:
        move_purchase_order(order, PurchaseState.APPROVED, submitted_by=actor, approved_at=timezone.now())
        record(PurchaseOrderApproved(order_id=order.pk, is_below_limit=True), subject=order, actor=actor)
    return order


def _check_complete(order: PurchaseOrder) -> None:
    lines = list(order.lines.select_related("variant"))
    if not lines:
        raise InvalidInput(_("The order has no lines. Add what is to be ordered."))
    if unpriced := [line.variant.sku for line in lines if not line.is_price_known]:
        raise InvalidInput(_("No price is known for %(skus)s. Write one.") % {"skus": ", ".join(unpriced[:10])})


@transaction.atomic
def approve_purchase_order(*, order_id: int, actor: User) -> PurchaseOrder:
    """Approve an order that waits for it and return it; of two who approve at once one does.

    NotAllowed without the right, and for the person who handed it in; InvalidTransition when it does not wait.
    """
    check_right(can_approve_purchase_orders, actor)
    order = lock_purchase_order(order_id)
    if order.state != PurchaseState.TO_APPROVE:
        raise InvalidTransition(_("This order does not wait for approval. Reload the page to see where it stands."))
    if not can_approve_purchase_order(actor, order):
        raise NotAllowed(_("You handed this order in yourself. Somebody else has to approve it."))
    move_purchase_order(order, PurchaseState.APPROVED, approved_by=actor, approved_at=timezone.now())
    record(PurchaseOrderApproved(order_id=order.pk), subject=order, actor=actor)
    tell_decided(order, buyer_id=order.submitted_by_id, is_approved=True, actor=actor)
    return order


@transaction.atomic
def reopen_purchase_order(*, order_id: int, reason: str = "", actor: User | None = None) -> PurchaseOrder:
    """Make an order that did not go out a draft again and return it; approval and waiting mail are gone.

    NotAllowed without the right to order or approve; InvalidTransition when it went out, or when its mail was begun.
    """
    check_right(may_reopen, actor)
    order = lock_purchase_order(order_id)
    buyer_id, reason = order.submitted_by_id, reason.strip()[:200]
    withdraw_mail(order)
    move_purchase_order(order, PurchaseState.DRAFT, submitted_by=None, approved_by=None, approved_at=None)
    record(PurchaseOrderReopened(order_id=order.pk, reason=reason), subject=order, actor=actor)
    tell_decided(order, buyer_id=buyer_id, is_approved=False, actor=actor)
    return order
