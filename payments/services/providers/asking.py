"""What is asked of a provider: the question is a row with its key before anybody asks."""

import hashlib
import uuid
from collections.abc import Callable

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import Conflict, InvalidInput, InvalidTransition
from core.money import format_money
from core.schedule import wake
from orders.models import Order
from orders.services.batches import check_right, lock_order
from payments.adapters.asking import Seen
from payments.models import (
    OPEN_CALLS,
    CallKind,
    PaymentMethod,
    ProviderCall,
    ProviderCode,
    ProviderPayment,
    ProviderState,
    Refund,
)
from payments.policies import can_capture_payments, can_note_payments, can_void_payments
from payments.services.providers.writing import lock_payment, write_step
from staff.models import User

ASK = "payments.ask_providers"
SYNC = "payments.sync_payments"


def note_provider_payment(
    *,
    order_id: int,
    provider: str,
    external_id: str,
    method_id: int | None = None,
    amount: int = 0,
    actor: User | None = None,
) -> ProviderPayment:
    """Say that a payment of a provider belongs to an order; the provider is asked at once what it knows of it.

    With the provider “by hand” the ``amount`` (minor units) counts as authorised now. The same number answers with
    the same payment; Conflict when it belongs to another order. InvalidInput without a number or amount.
    """
    check_right(can_note_payments, actor)
    number = external_id.strip()[:200]
    if provider not in ProviderCode.values or not number:
        raise InvalidInput(_("Choose the provider and write its number of the payment."))
    with transaction.atomic():
        order = lock_order(order_id)
        row, is_new = ProviderPayment.objects.get_or_create(
            provider=provider,
            external_id=number,
            defaults={"order": order, "currency": order.currency, "method": _method(method_id)},
        )
        if row.order_id != order.pk:
            raise Conflict(_("This payment belongs to another order."))
        if provider == ProviderCode.MANUAL:
            if is_new:
                _authorise_by_hand(order, row, amount, actor)
        else:
            want_sync(row)
    return row


def _method(method_id: int | None) -> PaymentMethod | None:
    return PaymentMethod.objects.get(pk=method_id) if method_id else None


def _authorise_by_hand(order: Order, row: ProviderPayment, amount: int, actor: User | None) -> None:
    due = order.total - order.paid_total
    if not 0 < amount <= due:
        raise InvalidInput(
            _("Write an amount up to what is due, %(limit)s.") % {"limit": format_money(max(due, 0), order.currency)}
        )
    step = Seen(kind="authorise", amount=amount, external_id=row.external_id, at=timezone.now())
    write_step(row, step, actor=actor)


def want_sync(payment: ProviderPayment) -> None:
    """Have the provider asked soon what it knows of the payment."""
    payment.sync_wanted_at = timezone.now()
    payment.save(update_fields=["sync_wanted_at"])
    transaction.on_commit(lambda: wake(SYNC), robust=True)


def capture_payment(
    *, payment_id: int, amount: int | None = None, key: str = "", actor: User | None = None
) -> ProviderPayment:
    """Take money that is reserved (all that is due without ``amount``): the provider is asked in the background.

    The same ``key`` asks once. InvalidInput for more than is reserved or due; InvalidTransition when nothing is
    reserved; Conflict while the provider is asked something else; NotAllowed without the right.
    """
    check_right(can_capture_payments, actor)

    def ask(order: Order, payment: ProviderPayment) -> None:
        due = min(payment.capturable, order.total - order.paid_total)
        wanted = due if amount is None else amount
        if not payment.capturable:
            raise InvalidTransition(_("Nothing is reserved that could be taken. Reload the page."))
        if not 0 < wanted <= due:
            raise InvalidInput(
                _("Write an amount up to %(limit)s.") % {"limit": format_money(max(due, 0), order.currency)}
            )
        put_question(payment, CallKind.CAPTURE, wanted, actor=actor)

    return _run(payment_id, f"payments.capture:{key}" if key else "", {"amount": amount}, ask)


def void_payment(*, payment_id: int, key: str = "", actor: User | None = None) -> ProviderPayment:
    """Let go what is reserved and not taken; the provider is asked in the background.

    InvalidTransition when nothing is reserved; Conflict while it is asked something else; NotAllowed without the right.
    """
    check_right(can_void_payments, actor)

    def ask(_order: Order, payment: ProviderPayment) -> None:
        if not payment.capturable:
            raise InvalidTransition(_("Nothing is reserved that could be let go. Reload the page."))
        put_question(payment, CallKind.VOID, payment.capturable, actor=actor)

    return _run(payment_id, f"payments.void:{key}" if key else "", {}, ask)


def _run(
    payment_id: int, key: str, parameters: dict[str, object], ask: Callable[[Order, ProviderPayment], None]
) -> ProviderPayment:
    @transaction.atomic  # not around ``once``: a kept refusal must outlive it
    def run() -> int:
        order, payment = lock_payment(payment_id)
        ask(order, payment)
        return payment.pk

    pk = once(key=key, parameters={"payment": payment_id, **parameters}, run=run) if key else run()
    return ProviderPayment.objects.get(pk=pk)


def put_question(
    payment: ProviderPayment,
    kind: CallKind,
    amount: int,
    *,
    refund: Refund | None = None,
    actor: User | None = None,
) -> ProviderCall | None:
    """Write the question with its key into the caller's transaction, and have it asked after the commit.

    What is done by hand is written at once and asks nobody: None. Conflict while an earlier question is open.
    """
    key = uuid.uuid4().hex
    if payment.provider == ProviderCode.MANUAL:
        write_step(
            payment, Seen(kind=kind, amount=amount, external_id=key, at=timezone.now()), refund=refund, actor=actor
        )
        return None
    open_calls = payment.calls.filter(state__in=OPEN_CALLS)
    if kind != CallKind.REFUND and open_calls.exclude(kind=CallKind.REFUND).exists():
        raise Conflict(_("The provider is being asked already; wait for its answer."))
    reference = refund.number if refund else f"P-{key[:16]}"
    request = "|".join([payment.provider, payment.external_id, kind, str(amount), payment.currency, reference])
    call = ProviderCall.objects.create(
        payment=payment,
        refund=refund,
        kind=kind,
        amount=amount,
        key=key,
        digest=hashlib.sha256(request.encode()).hexdigest(),
        reference=reference,
        asked_by=actor,
    )
    transaction.on_commit(lambda: wake(ASK), robust=True)
    return call


def source_of(refund: Refund) -> ProviderPayment | None:
    """Return the provider payment that the refund goes back through: one that holds enough, the largest first.

    None where nothing was taken through a provider. What is on its way back already counts. InvalidInput where
    providers hold money and none of them enough for the whole refund. The order is locked.
    """
    rows = list(
        ProviderPayment.objects.filter(order_id=refund.order_id, captured__gt=0).select_for_update(of=("self",))
    )
    left = {row.pk: row.refundable for row in rows}
    asked = ProviderCall.objects.filter(payment__in=rows, kind=CallKind.REFUND, state__in=OPEN_CALLS)
    for pk, amount in asked.order_by().values_list("payment").annotate(total=Sum("amount")):
        left[pk] -= amount
    fitting = [row for row in rows if left[row.pk] >= refund.amount and row.state != ProviderState.FAILED]
    if fitting:
        return max(fitting, key=lambda row: (left[row.pk], -row.pk))
    if any(amount > 0 for amount in left.values()):
        raise InvalidInput(
            _("No single payment holds so much. Withdraw it and grant it in parts, or note it as sent by hand.")
        )
    return None
