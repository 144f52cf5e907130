"""What becomes of the orders of an oversell: each decision goes through the service that does it, and is kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Variant
from core.errors import DomainError, InvalidInput
from core.events import record_many
from inventory.models import Transfer
from inventory.selectors import serving_warehouses, shop_day
from inventory.services.moving import TransferPieces, create_transfer
from orders.events import OversellDecided
from orders.models import CancelCause, DecisionKind, Order, OrderLine, OrderMessage, Oversell, OversellDecision
from orders.policies import can_decide_oversells, can_send_messages
from orders.selectors.short import short_lines
from orders.services.accepting import match_line
from orders.services.allocating import allocate_orders
from orders.services.batches import BatchReport, Refusal, check_right, lock_orders
from orders.services.cancelling import cancel_order
from orders.services.overselling.judging import judge_oversells
from staff.models import User

_K = DecisionKind
Lines = list[tuple[OrderLine, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is decided, and why; which of the others are needed depends on ``kind``.

    ``messages`` are words for customers by the language of their sales channel.
    """

    kind: DecisionKind
    note: str
    warehouse_id: int | None = None  # move, transfer: where the pieces are
    promised_on: date | None = None  # wait (needed), transfer
    substitute_id: int | None = None  # substitute: a variant
    messages: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def decide_oversell(
    *, oversell_id: int, order_ids: Sequence[int], choice: Choice, actor: User | None = None
) -> BatchReport:
    """Do what was decided with these orders of an oversell, keep who decided it and why, and report each.

    Refused, with the reason: an order that is not short any more, because somebody else decided it or stock came in;
    and what the service in charge refuses. InvalidInput for a choice that leaves out what it needs; NotAllowed without
    the right to decide, or without the right to the act itself.

    1. The oversell is locked first: of two deciders the second one reads what the first one did.
    2. Orders, then stock items are locked by the services, in their order.
    """
    check_right(can_decide_oversells, actor)
    _check(choice)
    oversell = Oversell.objects.select_for_update(no_key=True, of=("self",)).get(pk=oversell_id)
    orders = {order.pk: order for order in lock_orders(order_ids)}
    short = _short_of(oversell, orders)
    report = BatchReport(refused=[_gone(oversell, orders.get(pk), pk) for pk in order_ids if pk not in short])
    chosen = {pk: orders[pk] for pk in dict.fromkeys(order_ids) if pk in short}
    transfer = _draft_transfer(oversell, chosen, short, choice, actor) if choice.kind == _K.TRANSFER else None
    for pk, order in chosen.items():
        try:
            with transaction.atomic():
                _ACTS[choice.kind](order, short[pk], choice, actor)
                _keep(oversell, order, choice, transfer, actor)
            report.done.append(pk)
        except DomainError as error:
            report.refused.append(Refusal(pk, order.number, str(error)))
    _record(oversell, [chosen[pk] for pk in report.done], choice, actor)
    judge_oversells(variant_ids=[oversell.variant_id])
    return report


def _check(choice: Choice) -> None:
    if not choice.note.strip():
        raise InvalidInput(_("Say why it is decided so."))
    if choice.kind == _K.WAIT and (choice.promised_on is None or choice.promised_on < shop_day()):
        raise InvalidInput(_("Choose the day that is promised now; it cannot be over."))
    if choice.kind in {_K.MOVE, _K.TRANSFER} and choice.warehouse_id is None:
        raise InvalidInput(_("Choose the warehouse that has the pieces."))
    if choice.kind == _K.SUBSTITUTE and choice.substitute_id is None:
        raise InvalidInput(_("Choose the product that is sent instead."))


def _short_of(oversell: Oversell, orders: Mapping[int, Order]) -> dict[int, Lines]:
    """Return the lines that are short, by order, read under the orders' locks."""
    found: dict[int, Lines] = {}
    for line, pieces in short_lines(variant_ids=[oversell.variant_id]).get(oversell.variant_id, ()):
        if line.order_id in orders:
            found.setdefault(line.order_id, []).append((line, pieces))
    return found


def _gone(oversell: Oversell, order: Order | None, order_id: int) -> Refusal:
    """Say why an order is not to be decided here."""
    if order is None:
        return Refusal(order_id, str(order_id), _("There is no such order any more."))
    last = oversell.decisions.filter(order=order).select_related("decided_by").first()
    if last is not None and last.kind != _K.WAIT:
        said = _("%(who)s decided already: %(what)s.") % {
            "who": last.decided_by or _("The system"), "what": last.get_kind_display(),
        }  # fmt: skip
        return Refusal(order.pk, order.number, said)
    return Refusal(order.pk, order.number, _("It is not short any more."))


def _draft_transfer(
    oversell: Oversell, orders: Mapping[int, Order], short: Mapping[int, Lines], choice: Choice, actor: User | None
) -> Transfer | None:
    """Draft one transfer with the pieces of all these orders, to the warehouse that serves the first one's channel."""
    if not orders or choice.warehouse_id is None:
        return None
    serving = serving_warehouses()
    first = next(iter(orders.values()))
    places = serving.get(first.sales_channel_id, serving[0]) - {choice.warehouse_id}
    if not places:
        raise InvalidInput(_("No other warehouse serves this sales channel. Ship from the warehouse itself."))
    pieces = sum(count for pk in orders for _line, count in short[pk])
    return create_transfer(
        source_id=choice.warehouse_id,
        destination_id=min(places),
        lines=[TransferPieces(variant_id=oversell.variant_id, quantity=pieces)],
        expected_on=choice.promised_on,
        note=choice.note[:200],
        actor=actor,
    )


def _promise(order: Order, _lines: Lines, choice: Choice, _actor: User | None) -> None:
    if choice.promised_on is not None:
        order.promised_on = choice.promised_on
        order.save(update_fields=["promised_on", "updated_at"])


def _move(order: Order, _lines: Lines, choice: Choice, actor: User | None) -> None:
    _served(allocate_orders(order_ids=[order.pk], warehouse_id=choice.warehouse_id, actor=actor))


def _split(order: Order, _lines: Lines, _choice: Choice, actor: User | None) -> None:
    _served(allocate_orders(order_ids=[order.pk], in_parts=True, actor=actor))


def _substitute(order: Order, lines: Lines, choice: Choice, actor: User | None) -> None:
    """Let the lines mean another variant and reserve it; what does not come from one warehouse is refused."""
    sku = Variant.objects.values_list("sku", flat=True).get(pk=choice.substitute_id or 0)
    for line, _pieces in lines:
        match_line(line_id=line.pk, sku=sku, remember=False, actor=actor)
    _served(allocate_orders(order_ids=[order.pk], actor=actor))


def _cancel(order: Order, _lines: Lines, choice: Choice, actor: User | None) -> None:
    cancel_order(order_id=order.pk, reason=choice.note, cause=CancelCause.UNSUPPLIED, actor=actor)


_ACTS: Mapping[DecisionKind, Callable[[Order, Lines, Choice, User | None], None]] = {
    _K.MOVE: _move,
    _K.TRANSFER: _promise,
    _K.SPLIT: _split,
    _K.WAIT: _promise,
    _K.SUBSTITUTE: _substitute,
    _K.CANCEL: _cancel,
}


def _served(report: BatchReport) -> None:
    if report.refused:
        raise DomainError(report.refused[0].reason)


def _keep(
    oversell: Oversell, order: Order, choice: Choice, transfer: Transfer | None, actor: User | None
) -> OversellDecision:
    decision = OversellDecision.objects.create(
        oversell=oversell,
        order=order,
        kind=choice.kind,
        note=choice.note.strip()[:200],
        promised_on=choice.promised_on,
        warehouse_id=choice.warehouse_id,
        transfer=transfer,
        substitute_id=choice.substitute_id,
        decided_by=actor,
    )
    language = order.sales_channel.language
    if body := choice.messages.get(language, "").strip():
        body = body.replace("{order}", order.external_number or order.number)
        OrderMessage.objects.create(order=order, decision=decision, language=language, body=body, created_by=actor)
    return decision


def _record(oversell: Oversell, orders: Sequence[Order], choice: Choice, actor: User | None) -> None:
    facts = [
        (
            OversellDecided(
                order_id=order.pk,
                oversell_id=oversell.pk,
                kind=str(choice.kind),
                note=choice.note.strip()[:200],
                promised_on=choice.promised_on.isoformat() if choice.promised_on else "",
            ),
            order.pk,
        )
        for order in orders
    ]
    record_many(facts, model=Order, actor=actor)


@transaction.atomic
def mark_sent(*, message_ids: Sequence[int], actor: User | None = None) -> int:
    """Note that somebody sent these messages to the customers, and return how many were still to send."""
    check_right(can_send_messages, actor)
    waiting = OrderMessage.objects.filter(pk__in=message_ids, sent_at=None)
    return waiting.update(sent_at=timezone.now(), sent_by=actor)
