"""What a cancellation or a cheaper change owes is proposed as a refund by itself; people send it."""

from collections.abc import Mapping

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from catalog.models import ChannelKind
from core.events import Event
from core.models import EventRecord
from orders.events import OrderCancelled, OrderChanged
from orders.models import Order, OrderLine
from orders.services.batches import lock_order
from payments.models import DepositMatch, ProviderPayment, Refund, RefundLimit, RefundReason, RefundState
from payments.services.refunds.granting import is_beyond_one_person, withdraw_refund, write_refund
from staff.models import User

# malls that take the customer's money: what they call off themselves, they give back themselves
MALLS = (ChannelKind.RAKUTEN, ChannelKind.AMAZON, ChannelKind.YAHOO_JP, ChannelKind.NAVER, ChannelKind.COUPANG)
CANCELLED = "cancelled"


@transaction.atomic
def propose_for_cancelled(*, event: OrderCancelled) -> Refund | None:
    """Propose what was paid for what is called off and is not promised already; None where nothing is.

    Nothing is proposed for what a mall called off and was paid for. The same order proposes once, then it is None.
    """
    order = lock_order(event.order_id)
    actor = _who(event, order)
    if actor is None and order.sales_channel.kind in MALLS and not _holds_money(order):
        return None
    owed = order.paid_total if event.owed is None and not event.is_partial else event.owed or 0
    return _propose(order, owed, RefundReason.CANCELLED, cause=CANCELLED, actor=actor)


@transaction.atomic
def follow_change(*, event: OrderChanged) -> Refund | None:
    """Propose what a change made cheaper than was paid, take proposals back that a dearer one overtook.

    The same change proposes once; again it answers None and takes nothing more back.
    """
    order = lock_order(event.order_id)
    if event.difference > 0:
        _take_back(order)
    if not event.owed:
        return None
    owed = min(event.owed, max(order.paid_total - order.total, 0))
    return _propose(order, owed, RefundReason.EDITED, cause=f"change:{event.change_id}", actor=_who(event, order))


def _propose(order: Order, owed: int, reason: RefundReason, *, cause: str, actor: User | None) -> Refund | None:
    """Write the refund within what is paid and not promised.

    Who caused it counts as the first person: what is more than one may decide waits for another one.
    """
    amount = min(owed, order.paid_total - _promised(order))
    if amount <= 0 or order.refunds.filter(cause=cause).exists():
        return None
    limit = RefundLimit.objects.filter(currency=order.currency).first()
    refund = Refund(
        order=order,
        amount=amount,
        currency=order.currency,
        reason=reason,
        cause=cause,
        needs_approval=is_beyond_one_person(order, amount, limit),
        granted_by=actor,
    )
    return write_refund(refund, parts=_parts(order, amount) if cause == CANCELLED else {}, actor=actor)


def _parts(order: Order, amount: int) -> Mapping[OrderLine, int]:
    """Return the lines of an order that is given back as it was paid; where it is not, it counts for the whole."""
    lines = list(order.lines.filter(total__gt=0).order_by("position", "pk"))
    is_whole = sum(line.total for line in lines) == amount and not order.refunds.exists()
    return {line: line.total for line in lines} if is_whole else {}


def _take_back(order: Order) -> None:
    """Withdraw what changes proposed and the order, dearer again, does not owe any more; the newest first."""
    rows = order.refunds.filter(cause__startswith="change:", state__in=[RefundState.GRANTED, RefundState.FAILED])
    excess = _promised(order) - max(order.paid_total - order.total, 0)
    for row in rows.order_by("-pk"):
        if excess <= 0:
            break
        withdraw_refund(refund_id=row.pk, note=_("the order changed again"))
        excess -= row.amount


def _promised(order: Order) -> int:
    total: int | None = order.refunds.open().aggregate(total=Sum("amount"))["total"]
    return total or 0


def _holds_money(order: Order) -> bool:
    """Tell whether its money came to us: through a provider of ours, or the bank."""
    at_providers = ProviderPayment.objects.filter(order=order, captured__gt=F("refunded"))
    return at_providers.exists() or DepositMatch.objects.filter(order=order, undone_at=None).exists()


def _who(event: Event, order: Order) -> User | None:
    """Return who made the fact true; None where it was not a person."""
    rows = EventRecord.objects.filter(
        subject_type=ContentType.objects.get_for_model(Order), subject_id=order.pk, name=event.name
    )
    change = getattr(event, "change_id", None)
    if change is not None:
        rows = rows.filter(data__change_id=change)
    newest = rows.select_related("actor").order_by("-pk").first()
    return newest.actor if newest else None
