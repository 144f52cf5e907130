"""Money is promised back, approved by a second person where it is much, or the promise is taken back."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from core.money import format_money
from core.sequences import document_number, next_numbers
from orders.models import Order, OrderLine
from orders.services.batches import check_right, lock_order
from payments.events import RefundApproved, RefundGranted, RefundWithdrawn
from payments.models import Refund, RefundLimit, RefundLine, RefundReason, RefundState
from payments.policies import (
    can_approve_refund,
    can_approve_refunds,
    can_grant_large_refunds,
    can_grant_refunds,
    is_withdrawable,
)
from payments.services.refunds.asking import ask_for_refund_approval, tell_refund_decided
from staff.models import User

SERIES = "payments.refund"


def grant_refund(
    *,
    order_id: int,
    amount: int,
    lines: Mapping[int, int] | None = None,
    reason: str = RefundReason.OTHER,
    note: str = "",
    key: str = "",
    actor: User | None = None,
) -> Refund:
    """Promise money back on an order (minor units); nothing leaves before ``send_refund``.

    ``lines`` says how much of it is for which order line (id: minor units). Everything promised and not yet sent
    stays within what is paid, each line within its own amount. Above the limit of its currency (all refunds of the
    order together) a second person has to approve it; they are told. The same ``key`` answers with the same refund.
    InvalidInput for amounts that do not fit; NotAllowed without the right or above what the role may grant.
    """
    check_right(can_grant_refunds, actor)
    parts = {pk: part for pk, part in (lines or {}).items() if part}

    def run() -> int:
        return _grant(order_id, amount, parts, RefundReason(reason), note.strip()[:300], actor).pk

    if reason not in RefundReason.values:
        raise InvalidInput(_("Choose a reason from the list."))
    parameters = {"order": order_id, "amount": amount, "lines": sorted(parts.items()), "reason": str(reason)}
    pk = once(key=f"payments.grant:{key}", parameters=parameters, run=run) if key else run()
    return Refund.objects.get(pk=pk)


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _grant(
    order_id: int, amount: int, parts: Mapping[int, int], reason: RefundReason, note: str, actor: User | None
) -> Refund:
    order = lock_order(order_id)
    check_grantable(order, amount)
    lines = _check_lines(order, amount, parts)
    needs_approval = _check_limits(order, amount, actor)
    return write_refund(
        Refund(
            order=order, amount=amount, currency=order.currency, reason=reason, note=note,
            needs_approval=needs_approval, granted_by=actor,
        ),
        parts={line: parts[line.pk] for line in lines},
        actor=actor,
    )  # fmt: skip


def write_refund(refund: Refund, *, parts: Mapping[OrderLine, int], actor: User | None) -> Refund:
    """Give a checked promise its number and lines, tell of it, and ask for a second person where one is needed."""
    [number] = next_numbers(series=SERIES)
    refund.number = document_number("RF", number)
    refund.save()
    RefundLine.objects.bulk_create(
        RefundLine(refund=refund, order_line=line, amount=part, line_total=line.total, reason=refund.reason)
        for line, part in parts.items()
    )
    fact = RefundGranted(**told(refund), reason=str(refund.reason), needs_approval=refund.needs_approval)
    record(fact, subject=refund.order, actor=actor)
    if refund.needs_approval:
        ask_for_refund_approval(refund, actor=actor)
    return refund


def told(refund: Refund) -> dict[str, Any]:
    """Return what every fact about a refund tells."""
    return {
        "order_id": refund.order_id,
        "refund_id": refund.pk,
        "number": refund.number,
        "amount": refund.amount,
        "currency": refund.currency,
    }


def check_grantable(order: Order, amount: int) -> None:
    """Refuse an amount that, with all that is promised already, would exceed what is paid; the order is locked."""
    if amount <= 0:
        raise InvalidInput(_("The amount must be more than zero."))
    promised = order.refunds.open().aggregate(total=Sum("amount"))["total"] or 0
    left = order.paid_total - promised
    if amount > left:
        raise InvalidInput(
            _("Only %(limit)s can still be granted: the rest was not paid, or is granted already.")
            % {"limit": format_money(max(left, 0), order.currency)}
        )


def _check_lines(order: Order, amount: int, parts: Mapping[int, int]) -> list[OrderLine]:
    lines = list(OrderLine.objects.filter(order=order, pk__in=parts).order_by("pk"))
    if len(lines) != len(parts) or any(part < 0 for part in parts.values()):
        raise InvalidInput(_("A line does not belong to this order. Reload the page."))
    if sum(parts.values()) > amount:
        raise InvalidInput(_("The lines add up to more than the refund."))
    earlier = dict(
        RefundLine.objects.filter(order_line__in=lines)
        .exclude(refund__state=RefundState.WITHDRAWN)
        .order_by()
        .values_list("order_line")
        .annotate(total=Sum("amount"))
    )
    for line in lines:
        left = max(line.total - earlier.get(line.pk, 0), 0)
        if parts[line.pk] > left:
            raise InvalidInput(
                _("Only %(limit)s of “%(line)s” can still be refunded.")
                % {"limit": format_money(left, order.currency), "line": line.name}
            )
    return lines


def _check_limits(order: Order, amount: int, actor: User | None) -> bool:
    """Return whether a second person has to approve; all refunds of the order count, so that parts are no way around.

    NotAllowed for an agent above what agents may grant.
    """
    limit = RefundLimit.objects.filter(currency=order.currency).first()
    if actor is not None and not can_grant_large_refunds(actor):
        most = limit.agent_amount if limit else 0
        others = order.refunds.exclude(state=RefundState.WITHDRAWN)
        if amount + (others.aggregate(total=Sum("amount"))["total"] or 0) > most:
            raise NotAllowed(
                _("You may grant up to %(limit)s on one order. Ask somebody who may grant more.")
                % {"limit": format_money(most, order.currency)}
            )
    return is_beyond_one_person(order, amount, limit)


def is_beyond_one_person(order: Order, amount: int, limit: RefundLimit | None) -> bool:
    """Tell whether, with what nobody approved yet, it is more than one person decides alone."""
    others = order.refunds.exclude(state=RefundState.WITHDRAWN)
    unapproved = others.filter(approved_at=None).aggregate(total=Sum("amount"))["total"] or 0
    return limit is None or amount + unapproved > limit.alone_amount


def lock_refund(refund_id: int) -> tuple[Order, Refund]:
    """Return a refund and its order, both locked in this order until the transaction ends."""
    order = lock_order(Refund.objects.values_list("order_id", flat=True).get(pk=refund_id))
    return order, Refund.objects.select_for_update(of=("self",)).get(pk=refund_id)


@transaction.atomic
def approve_refund(*, refund_id: int, actor: User) -> Refund:
    """Say yes as the second person and return the refund, which can be sent now; who granted it hears of it.

    NotAllowed without the right and for the person who granted it; InvalidTransition when it does not wait for it.
    """
    check_right(can_approve_refunds, actor)
    order, refund = lock_refund(refund_id)
    if refund.state != RefundState.GRANTED or refund.is_approved:
        raise InvalidTransition(_("This refund does not wait for approval. Reload the page to see where it stands."))
    if not can_approve_refund(actor, refund):
        raise NotAllowed(_("You granted this refund yourself. Somebody else has to approve it."))
    refund.approved_by, refund.approved_at = actor, timezone.now()
    refund.save(update_fields=["approved_by", "approved_at"])
    record(RefundApproved(**told(refund)), subject=order, actor=actor)
    tell_refund_decided(refund, is_approved=True, actor=actor)
    return refund


@transaction.atomic
def withdraw_refund(*, refund_id: int, note: str = "", actor: User | None = None) -> Refund:
    """Take a promise back of which nothing has left, and return it; its amount can be granted again.

    NotAllowed without the right to grant or approve; InvalidTransition when it is sent, on its way, or withdrawn.
    """
    check_right(lambda user: can_grant_refunds(user) or can_approve_refunds(user), actor)
    order, refund = lock_refund(refund_id)
    if not is_withdrawable(refund):
        raise InvalidTransition(_("This refund is sent, on its way, or withdrawn already."))
    waited = not refund.is_approved
    refund.state = RefundState.WITHDRAWN
    refund.save(update_fields=["state"])
    record(RefundWithdrawn(**told(refund), note=note.strip()[:200]), subject=order, actor=actor)
    if waited:
        tell_refund_decided(refund, is_approved=False, actor=actor)
    return refund
