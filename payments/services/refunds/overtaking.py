"""A mall gives money back by itself: promises it has overtaken end."""

from django.db import transaction
from django.utils.translation import gettext as _

from orders.services.batches import lock_order
from payments.models import Refund, RefundState
from payments.services.refunds.granting import withdraw_refund
from staff.models import User


@transaction.atomic
def withdraw_overtaken(*, order_id: int, actor: User | None = None) -> int:
    """Withdraw open refunds, the newest first, until the rest fits into what is still paid; return how many.

    What is on its way stays: its money may have left. Nothing to do is no refusal, so it may run twice.
    """
    order = lock_order(order_id)
    rows = list(Refund.objects.open().filter(order=order).order_by("-pk"))
    excess = sum(row.amount for row in rows) - order.paid_total
    count = 0
    for row in rows:
        if excess <= 0:
            break
        if row.state != RefundState.SENDING:
            withdraw_refund(refund_id=row.pk, note=_("the money went back another way"), actor=actor)
            excess -= row.amount
            count += 1
    return count
