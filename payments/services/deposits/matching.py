"""Deposits pay orders; a wrong match is undone while the order stands still; what is too much goes back."""

from collections.abc import Mapping
from datetime import datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import InvalidInput, InvalidTransition
from core.money import format_money
from orders.models import HoldReason, OrderStatus
from orders.services import hold_orders, record_payment, record_refund
from orders.services.batches import check_right, lock_orders
from payments.models import BankDeposit, DepositMatch, DepositState
from payments.policies import can_match_deposits, can_return_deposits
from staff.models import User

STILL = {OrderStatus.NEW, OrderStatus.AWAITING_PAYMENT, OrderStatus.TO_CONFIRM}


def match_deposit(
    *, deposit_id: int, amounts: Mapping[int, int], key: str = "", actor: User | None = None
) -> BankDeposit:
    """Let a deposit pay orders (order id: minor units) and return it; each gets its row in the ledger.

    What no order gets is “too much”: match it with another, or send it back. The same ``key`` matches once.
    InvalidInput for more than came, for another currency, or more than an order has due; InvalidTransition for a
    deposit that is settled; NotAllowed without the right.
    """
    check_right(can_match_deposits, actor)
    parts = {pk: amount for pk, amount in amounts.items() if amount}

    def run() -> int:
        return _match(deposit_id, parts, actor).pk

    parameters = {"deposit": deposit_id, "amounts": sorted(parts.items())}
    pk = once(key=f"payments.match:{key}", parameters=parameters, run=run) if key else run()
    return BankDeposit.objects.get(pk=pk)


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _match(deposit_id: int, parts: Mapping[int, int], actor: User | None) -> BankDeposit:
    orders = {order.pk: order for order in lock_orders(parts)}
    deposit = BankDeposit.objects.select_for_update().get(pk=deposit_id)
    if deposit.state in {DepositState.MATCHED, DepositState.RETURNED}:
        raise InvalidTransition(_("This deposit is settled already. Reload the page."))
    if not parts or min(parts.values()) < 0 or sum(parts.values()) > deposit.rest:
        raise InvalidInput(
            _("Write amounts that add up to at most %(limit)s.")
            % {"limit": format_money(deposit.rest, deposit.currency)}
        )
    if any(pk not in orders or orders[pk].currency != deposit.currency for pk in parts):
        raise InvalidInput(_("The order does not exist, or is in another currency."))
    for pk, amount in sorted(parts.items()):
        payment = record_payment(
            order_id=pk,
            amount=amount,
            method=str(_("Bank transfer")),
            external_id=f"deposit:{deposit.pk}:{deposit.matches.count()}",
            paid_at=_moment(deposit),
        )
        DepositMatch.objects.create(deposit=deposit, order_id=pk, amount=amount, payment=payment, matched_by=actor)
        deposit.matched += amount
    deposit.state = DepositState.MATCHED if not deposit.rest else DepositState.EXCESS
    deposit.save(update_fields=["matched", "state"])
    return deposit


def _moment(deposit: BankDeposit) -> datetime:
    """Return when the money came: noon of the bank's day, and never later than now."""
    noon = timezone.make_aware(datetime.combine(deposit.deposited_on, time(12)))
    return min(noon, timezone.now())


@transaction.atomic
def undo_match(*, match_id: int, actor: User | None = None) -> BankDeposit:
    """Take a deposit's money off an order again and return the deposit, which is open again.

    Only while the order has not moved on: it is not confirmed. One that had been paid is held, because it must not
    leave unpaid. InvalidTransition when it has moved on or is undone already; NotAllowed without the right.
    """
    check_right(can_match_deposits, actor)
    order_id = DepositMatch.objects.values_list("order_id", flat=True).get(pk=match_id)
    [order] = lock_orders([order_id])
    match = DepositMatch.objects.select_for_update().get(pk=match_id)
    deposit = BankDeposit.objects.select_for_update().get(pk=match.deposit_id)
    if match.undone_at is not None or deposit.state == DepositState.RETURNED:
        raise InvalidTransition(_("It is undone or sent back already. Reload the page."))
    if order.status not in STILL:
        raise InvalidTransition(_("The order has moved on. Grant a refund on its page instead."))
    record_refund(order_id=order.pk, amount=match.amount, reason=_("matched with the wrong deposit"),
                  method=str(_("Bank transfer")), external_id=f"undo:{match.pk}")  # fmt: skip
    match.undone_at, match.undone_by = timezone.now(), actor
    match.save(update_fields=["undone_at", "undone_by"])
    deposit.matched -= match.amount
    deposit.state = DepositState.EXCESS if deposit.matched else DepositState.UNMATCHED
    deposit.save(update_fields=["matched", "state"])
    if order.is_prepaid and order.status == OrderStatus.TO_CONFIRM:
        hold_orders(order_ids=[order.pk], reason=HoldReason.PAYMENT, note=_("its bank deposit belongs elsewhere"))
    return deposit


@transaction.atomic
def return_deposit(*, deposit_id: int, actor: User | None = None) -> BankDeposit:
    """Note that what no order got went back to the payer, and return the deposit; it is closed.

    InvalidTransition when nothing is left of it; NotAllowed without the right.
    """
    check_right(can_return_deposits, actor)
    deposit = BankDeposit.objects.select_for_update().get(pk=deposit_id)
    if deposit.state == DepositState.RETURNED or not deposit.rest:
        raise InvalidTransition(_("Nothing of this deposit is left to send back."))
    deposit.state, deposit.returned_at, deposit.returned_by = DepositState.RETURNED, timezone.now(), actor
    deposit.save(update_fields=["state", "returned_at", "returned_by"])
    return deposit
