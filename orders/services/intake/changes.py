"""Known orders delivered again: only what the channel changed is changed, and nothing that a person corrected."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import SalesChannel
from compliance.services import Stop
from core.copying import update_rows
from core.events import Event, record_many
from core.models import RowOutcome
from orders.events import OrderChangedAtChannel
from orders.models import Allocation, Order, OrderStatus, Payment, PaymentKind
from orders.services.cancelling import cancel_orders
from orders.services.changing.settling import settle_changes
from orders.services.counting import refresh_totals
from orders.services.intake.checking import checks, is_cancelled, is_unpaid
from orders.services.intake.drafts import BEFORE_STOCK, CONTACT_FIELDS, GONE, OrderDraft, PaymentDraft, Placed
from orders.services.intake.inserting import Arrival, insert_payments, payments_of
from orders.services.intake.line_ids import content, settle_ids
from orders.services.intake.lines import LineChanges, known_lines, merge_lines, write_lines
from orders.services.intake.spelling import as_kept, is_as_told
from orders.services.legal.deadlines import begin_shipping, settle_refund
from orders.services.searching import order_search_text
from staff.models import User

ORDER_COLUMNS = (
    *((name, "text") for name in CONTACT_FIELDS),
    ("delivery_on", "date"),
    ("status", "text"),
    ("to_check", "text"),
    ("search_text", "text"),
    ("channel_values", "jsonb"),
    ("customer_id", "bigint"),
    ("updated_at", "timestamptz"),
)
LEFT = {OrderStatus.SHIPPED, OrderStatus.PARTLY_SHIPPED}
CLOSED = {*LEFT, OrderStatus.CANCELLED}


@dataclass(slots=True)
class _Known:
    """A known order on its way through the merge."""

    order: Order
    draft: OrderDraft
    lines: LineChanges
    changed: list[str] = field(default_factory=list)  # names of what changed, for the event
    payments: list[PaymentDraft] = field(default_factory=list)


def change_orders(
    arrivals: Sequence[Arrival],
    *,
    channel: SalesChannel,
    variants: Mapping[str, int],
    as_history: bool,
    actor: User | None,
) -> list[Placed]:
    """Merge drafts into their orders, which the caller has locked; return what became of each."""
    pairs = [(arrival.order, arrival) for arrival in arrivals if arrival.order is not None]
    if not pairs:
        return []
    ids = [order.pk for order, _arrival in pairs]
    lines = known_lines(ids)
    paid = _payments(ids)
    held = set(Allocation.objects.filter(line__order_id__in=ids).values_list("line__order_id", flat=True))
    merged = []
    for order, arrival in pairs:
        may_change = order.status in BEFORE_STOCK or (as_history and order.status in CLOSED and order.pk not in held)
        ours = lines.get(order.pk, {})
        settle_ids(arrival.draft.lines, {pk: content(line) for pk, line in ours.items()})
        one = _Known(
            order,
            arrival.draft,
            merge_lines(arrival.draft, ours, variants, may_change=may_change),
        )
        _merge_contact(one, arrival.customer_id, channel)
        one.payments = _new_payments(arrival.draft, paid.get(order.pk, []))
        one.changed += ["payments"] * bool(one.payments) + ["lines"] * one.lines.is_changed
        _merge_checks(one, variants, channel)
        _move_on(one)
        merged.append(one)
    _write(merged, as_history=as_history)
    cancelled = _cancel(merged)
    if not as_history:
        _follow_money(merged, actor)
    facts: list[tuple[Event, int]] = [
        (OrderChangedAtChannel(order_id=one.order.pk, changed=sorted(set(one.changed))), one.order.pk)
        for one in merged
        if one.changed
    ]
    record_many(facts, model=Order, actor=actor)
    return [_placed(one, is_cancelled_now=one.order.pk in cancelled) for one in merged]


def _merge_contact(one: _Known, customer_id: int | None, channel: SalesChannel) -> None:
    """Take over what the channel says of buyer and address.

    Empty fields are filled; a field that still holds what the channel said before follows the channel until the goods
    leave; a field that a person corrected stays, and a new word of the channel about it is flagged once.
    """
    order, draft = one.order, one.draft
    before = order.channel_values
    country = draft.country or order.country or channel.country
    countries = (order.country or channel.country, country, channel.country)
    for name in CONTACT_FIELDS:
        theirs, ours, told = getattr(draft, name), getattr(order, name), before.get(name, "")
        if not theirs or theirs == told:
            continue
        if not ours or (is_as_told(name, ours, told, countries) and order.status not in CLOSED):
            kept = as_kept(name, theirs, country)
            one.changed += [name] * (kept != ours)
            setattr(order, name, kept)
        elif not is_as_told(name, ours, theirs, countries) and order.status not in CLOSED:
            _flag(one, "changed")
        else:
            continue
        order.channel_values = {**order.channel_values, name: theirs}
    _merge_delivery(one)
    if order.customer_id is None and customer_id is not None:
        order.customer_id = customer_id
        one.changed.append("customer")


def _merge_delivery(one: _Known) -> None:
    """Take over another wished day until the goods leave; a day that a person wrote stays, and is flagged."""
    order, wish = one.order, one.draft.delivery_on
    told = order.channel_values.get("delivery_on", "")
    if wish is None or wish.isoformat() == told or order.status in CLOSED:
        return
    if order.delivery_on is None or order.delivery_on.isoformat() == told:
        order.delivery_on = wish
        one.changed.append("delivery_on")
    elif order.delivery_on != wish:
        _flag(one, "changed")
    order.channel_values = {**order.channel_values, "delivery_on": wish.isoformat()}


def _merge_checks(one: _Known, variants: Mapping[str, int], channel: SalesChannel) -> None:
    """Look again at what was to be checked, and flag what the channel did behind our back."""
    order, draft = one.order, one.draft
    if one.lines.is_refused:
        _flag(one, "changed")
    if order.status == OrderStatus.NEW:
        found = checks(
            _with_address(draft, order), variants={**variants, **one.lines.matched}, currency=channel.currency
        )
        keep = [code for code in order.to_check.split(",") if code in {"changed", "cancelled_in_part"}]
        codes = ",".join(dict.fromkeys([*found, *keep]))
        if codes != order.to_check:
            order.to_check = codes
            one.changed.append("to_check")
        return
    states = {line.state or draft.state for line in draft.goods}
    if states & GONE and order.status not in CLOSED:
        _flag(one, "gone")
    if is_cancelled(draft) and order.status in LEFT:
        _flag(one, "cancelled_late")
    elif one.lines.has_late_cancellation:
        _flag(one, "cancelled_in_part")


def _move_on(one: _Known) -> None:
    """Move the order forward when nothing is left to check or to pay; never backward."""
    order = one.order
    is_settled = not is_unpaid(one.draft) or bool(one.payments)
    if order.status == OrderStatus.NEW and not order.to_check:
        order.status = OrderStatus.TO_CONFIRM if is_settled else OrderStatus.AWAITING_PAYMENT
        one.changed.append("status")
    elif order.status == OrderStatus.AWAITING_PAYMENT and one.draft.is_paid and is_settled:
        order.status = OrderStatus.TO_CONFIRM
        one.changed.append("status")


def _flag(one: _Known, code: str) -> None:
    codes = [c for c in one.order.to_check.split(",") if c]
    if code not in codes:
        one.order.to_check = ",".join([*codes, code])
        one.changed.append("to_check")


def _with_address(draft: OrderDraft, order: Order) -> OrderDraft:
    draft.recipient_name = draft.recipient_name or order.recipient_name
    draft.address_1 = draft.address_1 or order.address_1
    return draft


def _payments(ids: Sequence[int]) -> dict[int, list[tuple[str, int, str]]]:
    found = defaultdict(list)
    rows = Payment.objects.filter(order_id__in=ids).values_list("order_id", "kind", "amount", "external_id")
    for order_id, kind, amount, external_id in rows:
        found[order_id].append((kind, amount, external_id))
    return found


def _new_payments(draft: OrderDraft, recorded: Sequence[tuple[str, int, str]]) -> list[PaymentDraft]:
    """Return what was paid or refunded since: running totals by their difference, others by their number."""
    sums: dict[str, int] = defaultdict(int)
    for kind, amount, _external in recorded:
        sums[kind] += amount
    seen = {(kind, external) for kind, _amount, external in recorded}
    new = []
    for payment in payments_of(draft):
        if payment.is_running_total:
            payment.amount -= sums[payment.kind]
        elif (payment.kind, payment.external_id) in seen:
            continue
        if payment.amount > 0:
            new.append(payment)
    return new


def _write(merged: Sequence[_Known], *, as_history: bool) -> None:
    now = timezone.now()
    changed = [one for one in merged if one.changed]
    for one in changed:
        one.order.search_text = order_search_text(one.order.number, one.order)
    update_rows(
        Order,
        ORDER_COLUMNS,
        [
            (
                one.order.pk,
                *(getattr(one.order, name) for name in CONTACT_FIELDS),
                one.order.delivery_on,
                one.order.status,
                one.order.to_check,
                one.order.search_text,
                json.dumps(one.order.channel_values, ensure_ascii=False),
                one.order.customer_id,
                now,
            )
            for one in changed
        ],
    )
    write_lines([(one.order, one.draft, one.lines) for one in merged], as_history=as_history)
    insert_payments([(one.order.pk, one.draft, payment) for one in merged for payment in one.payments])
    stale = [one.order.pk for one in merged if one.payments or one.lines.is_changed]
    if stale:
        refresh_totals(stale)
        settle_changes(stale)


def _cancel(merged: Sequence[_Known]) -> set[int]:
    """Cancel open orders that the channel has cancelled: what was reserved for them is free again."""
    off = [one.order.pk for one in merged if one.order.status not in CLOSED and is_cancelled(one.draft)]
    if not off:
        return set()
    return set(cancel_orders(order_ids=off, reason=_("Cancelled by the sales channel"), actor=None).done)


def _follow_money(merged: Sequence[_Known], actor: User | None) -> None:
    """Let what the channel says was paid and refunded start and settle legal deadlines."""
    paid: list[tuple[Order, datetime | None]] = []
    for one in merged:
        for payment in one.payments:
            at = payment.paid_at or one.draft.placed_at
            if payment.kind == PaymentKind.REFUND:
                stop = Stop(at=at, evidence=payment.external_id or str(PaymentKind.REFUND.label))
                settle_refund(one.order, payment.amount, stop, actor)
            elif one.order.is_prepaid and one.order.status not in CLOSED and not is_unpaid(one.draft):
                paid.append((one.order, at))
    begin_shipping(paid)


def _placed(one: _Known, *, is_cancelled_now: bool) -> Placed:
    is_changed = bool(one.changed) or is_cancelled_now
    outcome = RowOutcome.UPDATED if is_changed else RowOutcome.UNCHANGED
    return Placed(one.order.pk, one.order.number, outcome.value, one.lines.placed)
