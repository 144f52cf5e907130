"""Order work from the ticket: one call below with the actor's rights, one entry on the ticket, once for each key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from orders.models import ADDRESS_FIELDS, CancelCause, Order
from orders.policies import can_cancel_orders, can_edit_orders, can_replace_goods
from orders.services import cancel_order, edit_order
from payments.policies import can_grant_refunds
from payments.services.refunds.granting import grant_refund
from returns.models import AskedThrough
from returns.policies import can_open_returns
from returns.services import LineWish, open_return
from service.events import OrderWorked
from service.models import Direction, InletKind, Message, OrderWork, Ticket, TicketOrder, WorkKind, told_in
from service.services.locking import beat, check_may_work, lock_ticket
from service.services.order_work.resending import resend
from service.services.terms.reckoning import reckon
from staff.models import User

ADDRESS = (*ADDRESS_FIELDS, "delivery_on", "delivery_slot")
_WAYS: Mapping[str, AskedThrough] = {InletKind.PHONE: AskedThrough.PHONE, InletKind.MALL: AskedThrough.CHANNEL}


@dataclass(frozen=True)
class _Done:
    reference: str = ""
    amount: int | None = None


def cancel_ticket_order(
    *, ticket_id: int, order_id: int, reason: str, cause: CancelCause = CancelCause.CUSTOMER, restock: bool = True,
    key: str, actor: User | None,
) -> OrderWork:  # fmt: skip
    """Cancel an order of the ticket, or what is left of it, and return the entry; refuses as ``cancel_order`` does."""
    _check(can_cancel_orders, actor)

    def run(_ticket: Ticket, order: Order) -> _Done:
        cancel_order(order_id=order.pk, reason=reason, cause=cause, restock=restock, actor=actor)
        return _Done()

    return _work(WorkKind.CANCEL, ticket_id, order_id, key, actor, run)


def change_ticket_address(
    *, ticket_id: int, order_id: int, changes: Mapping[str, str | date | None], key: str, actor: User | None
) -> OrderWork:
    """Send an order of the ticket elsewhere (``ADDRESS``: new value) and return the entry.

    Refuses as ``edit_order`` does; InvalidInput for another field and when nothing would change.
    """
    _check(can_edit_orders, actor)
    if set(changes) - set(ADDRESS):
        raise InvalidInput(_("This value cannot be used here."))

    def run(_ticket: Ticket, order: Order) -> _Done:
        before = {name: getattr(order, name) for name in changes}
        edited = edit_order(order_id=order.pk, changes=changes, actor=actor)
        if all(getattr(edited, name) == old for name, old in before.items()):
            raise InvalidInput(_("This is the address already: nothing would change."))
        return _Done()

    return _work(WorkKind.ADDRESS, ticket_id, order_id, key, actor, run)


def open_ticket_return(
    *, ticket_id: int, order_id: int, lines: Sequence[LineWish], customer_note: str = "", key: str, actor: User | None
) -> OrderWork:
    """Open a return case for an order of the ticket and return the entry, which names the case.

    It was asked when the customer wrote last, by the way of the ticket's inlet. Refuses as ``open_return`` does.
    """
    _check(can_open_returns, actor)

    def run(ticket: Ticket, order: Order) -> _Done:
        case = open_return(
            order_id=order.pk,
            lines=lines,
            asked_at=max(order.placed_at, _heard(ticket)),
            asked_through=_WAYS.get(ticket.inlet.kind, AskedThrough.WRITTEN),
            customer_note=customer_note,
            actor=actor,
        )
        return _Done(case.number)

    return _work(WorkKind.RETURN, ticket_id, order_id, key, actor, run)


def refund_ticket_order(
    *, ticket_id: int, order_id: int, amount: int, lines: Mapping[int, int] | None = None, reason: str,
    note: str = "", key: str, actor: User | None,
) -> OrderWork:  # fmt: skip
    """Promise money back (minor units) on an order of the ticket and return the entry, which names the refund.

    Nothing leaves before it is sent by who may; limits and the second person are those of ``grant_refund``.
    """
    _check(can_grant_refunds, actor)

    def run(_ticket: Ticket, order: Order) -> _Done:
        refund = grant_refund(order_id=order.pk, amount=amount, lines=lines, reason=reason, note=note, actor=actor)
        return _Done(refund.number, refund.amount)

    return _work(WorkKind.REFUND, ticket_id, order_id, key, actor, run)


def resend_ticket_order(
    *, ticket_id: int, order_id: int, pieces: Mapping[int, int], reason: str, key: str, actor: User | None
) -> OrderWork:
    """Write an order at price zero that sends pieces (line id: count) again, and return the entry, which names it.

    For what was lost or arrived broken and does not come back; an exchange is a return. InvalidInput for more pieces
    than were shipped, those sent again before included.
    """
    _check(can_replace_goods, actor)

    def run(_ticket: Ticket, order: Order) -> _Done:
        return _Done(resend(order=order, pieces=pieces, reason=reason, actor=actor).number)

    return _work(WorkKind.RESEND, ticket_id, order_id, key, actor, run)


def _check(policy: Callable[[User], bool], actor: User | None) -> None:
    check_may_work(actor)
    if actor is not None and not policy(actor):
        raise NotAllowed(_("Your role may not do this to orders. Ask a lead."))


@transaction.atomic
def _work(
    kind: WorkKind, ticket_id: int, order_id: int, key: str, actor: User | None, run: Callable[[Ticket, Order], _Done]
) -> OrderWork:
    """Do it under the ticket's lock, once for the key.

    1. Lock the ticket; the key's entry, if there is one, is the answer. 2. The order must be one of the ticket: chosen,
    never guessed. 3. Call below, which locks the order. 4. Write the entry; the version rises, so that who is just
    writing an answer learns of it.
    """
    ticket = lock_ticket(ticket_id)
    known = OrderWork.objects.filter(key=key).first()
    if known is not None:
        if (known.ticket_id, known.order_id, known.kind) != (ticket.pk, order_id, kind.value):
            raise Conflict(_("This request was already sent with other content. Reload the page and try again."))
        return known
    order = _order_of(ticket, order_id)
    done = run(ticket, order)
    ticket.version += 1
    ticket.save(update_fields=["version", "updated_at"])
    work = OrderWork.objects.create(
        ticket=ticket,
        order=order,
        kind=kind,
        key=key,
        version=ticket.version,
        reference=done.reference,
        amount=done.amount,
        actor=actor,
    )
    reckon(ticket)  # the law's clocks may have begun or ended with it
    fact = OrderWorked(ticket_id=ticket.pk, order=order.number, kind=kind.value, reference=done.reference)
    record(fact, subject=ticket, actor=actor)
    beat([ticket.pk])
    return work


def _order_of(ticket: Ticket, order_id: int) -> Order:
    links = TicketOrder.objects.filter(told_in(ticket))
    order = Order.objects.filter(pk=order_id, pk__in=links.values("order_id")).first()
    if order is None:
        raise InvalidInput(_("Link the order with the ticket first: nothing is done to an order that nobody chose."))
    return order


def _heard(ticket: Ticket) -> datetime:
    """Return when the customer wrote last."""
    rows = Message.objects.filter(told_in(ticket))
    at = rows.filter(direction=Direction.INBOUND, is_automatic=False).aggregate(at=Max("at"))["at"]
    return at or timezone.now()
