"""What a person has to look at before an arriving order can go on, as codes; their words are in orders.selectors."""

from collections.abc import Collection, Iterable, Mapping

from orders.models import OrderStatus
from orders.services.intake.drafts import GONE, OrderDraft, SourceState


def checks(draft: OrderDraft, *, variants: Mapping[str, int], currency: str) -> list[str]:
    """Return the codes of what a person has to look at, in a fixed order; empty when the order can go on."""
    goods = draft.goods
    states = {line.state for line in draft.lines} | {draft.state}
    found = {
        "unknown_sku": any(line.sku not in variants for line in goods),
        "no_lines": not draft.lines,
        "no_address": bool(goods) and not (draft.recipient_name and draft.address_1),
        "total": draft.stated_total is not None and draft.stated_total != sum(line.total for line in draft.lines),
        "currency": draft.currency != currency,
        "unknown_state": SourceState.UNKNOWN in states,
        "gone": bool(states & GONE),
        "return_requested": SourceState.RETURN_REQUESTED in states,
    }
    return [*(code for code, is_so in found.items() if is_so), *(code for code in draft.checks if code not in found)]


def first_status(draft: OrderDraft, codes: Collection[str], *, as_history: bool) -> OrderStatus:
    """Return the status in which the order begins.

    Cancelled at the source: cancelled. In history, what has left (or says nothing) is shipped. Otherwise: something to
    check, waiting for payment, or ready to be confirmed.
    """
    if is_cancelled(draft):
        return OrderStatus.CANCELLED
    if as_history and is_past(draft):
        return OrderStatus.SHIPPED
    if codes:
        return OrderStatus.NEW
    return OrderStatus.AWAITING_PAYMENT if is_unpaid(draft) else OrderStatus.TO_CONFIRM


def is_cancelled(draft: OrderDraft) -> bool:
    """Tell whether the source has cancelled the whole order."""
    states = {line.state or draft.state for line in draft.goods}
    return draft.state == SourceState.CANCELLED or states == {SourceState.CANCELLED}


def is_past(draft: OrderDraft) -> bool:
    """Tell whether every piece has left, was cancelled, or nothing is said of it."""
    done: Iterable[str] = {*GONE, SourceState.CANCELLED, ""}
    return bool(draft.lines) and all((line.state or draft.state) in done for line in draft.lines)


def is_unpaid(draft: OrderDraft) -> bool:
    """Tell whether the order must be paid first and is not."""
    return draft.is_prepaid is not False and (draft.is_paid is False or draft.state == SourceState.UNPAID)
