"""An edit is done: one transaction, under the order's lock, with everything that follows from it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from core.money import to_decimal
from orders.events import OrderChanged
from orders.models import Gift, LineKind, Order, OrderChange, OrderLine, OrderStatus
from orders.policies import can_edit_orders, can_override_prices
from orders.services.accepting import next_status
from orders.services.batches import check_right, lock_order
from orders.services.changing.edits import OrderEdit
from orders.services.changing.planning import LinePlan, Plan, plan_lines
from orders.services.changing.settling import settle_changes, wait_for_extra_payment
from orders.services.changing.stock import complete_if_nothing_is_left, release_surplus, reserve_more
from orders.services.changing.texts import take_over_texts
from orders.services.counting import refresh_totals
from orders.services.parcels.leaving import leave_parcels
from orders.services.triage.sorting import triage_orders
from staff.models import User

GIFT_FIELDS = ("wrapping", "noshi_kind", "noshi_name", "noshi_place", "message", "hides_prices")


def preview_change(*, order_id: int, edit: OrderEdit, actor: User | None = None) -> Plan:
    """Return what the edit would do to lines and money, without doing it; refuses what ``change_order`` refuses."""
    order = Order.objects.select_related("sales_channel").get(pk=order_id)
    plan = plan_lines(order, order.lines.in_bulk(), edit)
    _check_rights(plan, actor)
    return plan


def change_order(*, order_id: int, edit: OrderEdit, key: str = "", actor: User | None = None) -> OrderChange:
    """Change lines, address, wishes and present of an open order at once and return what was changed.

    Reservations and totals follow, rules are asked again, planned parcels that hold no more are undone. What became
    dearer is due: a prepaid order of which nothing left waits for it. What became cheaper than was paid is owed, as
    ``OrderChanged`` tells. A line that the channel told keeps its word: what it tells again undoes nothing.

    The same ``key`` answers with the same change; Conflict when it comes with other content, or when the total is not
    ``edit.expected_total``. InvalidInput when nothing changes, and for what ``plan_lines`` refuses; DomainError when
    more pieces are wanted than are there; NotAllowed without the right, or without the one to another price.
    """
    check_right(can_edit_orders, actor)

    @transaction.atomic  # not around ``once``: a kept refusal must outlive it
    def run() -> int:
        return _change(order_id, edit, actor).pk

    said: dict[str, Any] = {"order": order_id, **asdict(edit)}
    return OrderChange.objects.get(pk=once(key=f"orders.change:{key}", parameters=said, run=run) if key else run())


def _change(order_id: int, edit: OrderEdit, actor: User | None) -> OrderChange:
    """Do it: lock, plan, check, write, let stock, money and parcels follow, record."""
    order = lock_order(order_id)
    plan = plan_lines(order, order.lines.in_bulk(), edit)
    _check_rights(plan, actor)
    if edit.expected_total is not None and plan.total != edit.expected_total:
        raise Conflict(_("The order changed meanwhile. Look at the difference again."))
    before, extra, owed = order.total, plan.extra, plan.owed
    texts = take_over_texts(order, edit.texts)
    gift = _take_over_gift(order, edit)
    if not (plan.lines or texts or gift):
        raise InvalidInput(_("Nothing would change."))
    if plan.lines:
        _write_lines(plan, edit, actor)
        leave_parcels(order_ids=[order.pk], why="changed", actor=actor)
    change = OrderChange.objects.create(
        order=order,
        contents={"fields": [*texts, *gift], "lines": [_told(line) for line in plan.lines]},
        reason=edit.reason.strip()[:200],
        currency=order.currency,
        total_before=before,
        total_after=order.total,
        extra=extra,
        owed=owed,
        made_by=actor,
    )
    _follow_money(order, change)
    record(_fact(order, change), subject=order, actor=actor)
    triage_orders(order_ids=[order.pk])
    return change


def _check_rights(plan: Plan, actor: User | None) -> None:
    decided = any(line.is_price_decided for line in plan.lines)
    if decided and actor is not None and not can_override_prices(actor):
        raise NotAllowed(_("Your role sells at the prices of the price list. Ask a lead for another price."))


def _write_lines(plan: Plan, edit: OrderEdit, actor: User | None) -> None:
    order = plan.order
    less = {
        line.row.pk: count
        for line in plan.lines
        if line.row and line.row.kind == LineKind.PRODUCT and line.before and (count := _fewer(line)) > 0
    }
    release_surplus(order, less, actor)
    for line in plan.lines:
        if line.row is not None:
            _write_known(line.row, line, order.currency)
    last = order.lines.aggregate(last=Max("position"))["last"] or 0
    OrderLine.objects.bulk_create(
        _new_line(order, line, place)
        for place, line in enumerate((line for line in plan.lines if line.priced), start=last + 1)
    )
    refresh_totals([order.pk])
    order.refresh_from_db(fields=["goods_total", "extras_total", "total", "paid_total", "line_count", "updated_at"])
    if any(line.row is None or _fewer(line) < 0 for line in plan.lines) or less:
        reserve_more(order, in_parts=edit.in_parts, actor=actor)
        order.refresh_from_db(fields=["status", "ships_in_parts"])
    complete_if_nothing_is_left(order, actor)


def _fewer(line: LinePlan) -> int:
    return (line.before[0] if line.before else 0) - (line.after[0] if line.after else 0)


def _write_known(row: OrderLine, line: LinePlan, currency: str) -> None:
    """Bring a line to its plan; the first time what the channel told of it is kept, so that it is known again."""
    if row.external_id and row.told is None:
        row.told = [row.quantity, str(row.unit_price), row.total, row.sku, row.kind]
    if line.after is None:
        row.cancelled_count, row.total = row.quantity, 0
    else:
        row.quantity, row.total = line.after[0] + row.cancelled_count, line.after[2]
        if line.is_price_decided:
            if row.list_price is None and line.before:
                row.list_price = line.before[1]
            row.unit_price, row.price_reason = to_decimal(line.after[1], currency), line.reason[:200]
    row.save(update_fields=["told", "quantity", "cancelled_count", "unit_price", "total", "list_price", "price_reason"])


def _new_line(order: Order, line: LinePlan, position: int) -> OrderLine:
    priced = line.priced
    if priced is None or line.after is None:
        raise ValueError("a new line has its price")
    variant = priced.variant
    return OrderLine(
        order=order,
        kind=priced.wanted.kind,
        position=position,
        variant=variant,
        sku=variant.sku if variant else "",
        name=(variant.product.name if variant else priced.name)[:300],
        options=variant.name if variant else "",
        quantity=line.after[0],
        unit_price=to_decimal(priced.price, order.currency),
        total=line.after[2],
        list_price=priced.list_price if line.is_price_decided else None,
        price_reason=line.reason[:200] if line.is_price_decided else "",
    )


def _take_over_gift(order: Order, edit: OrderEdit) -> list[list[Any]]:
    """Write the present's wishes and return [name, before, after] of what changed."""
    if edit.gift is None:
        return []
    known = Gift.objects.filter(order=order).first()
    wanted: Mapping[str, Any] = asdict(edit.gift)
    before = {name: getattr(known, name) for name in GIFT_FIELDS} if known else {}
    if not edit.gift:
        if known:
            known.delete()
        return [[name, text, ""] for name, text in before.items() if text and name != "hides_prices"]
    changed = [[name, before.get(name, ""), text] for name, text in wanted.items() if before.get(name, "") != text]
    if changed:
        Gift.objects.update_or_create(order=order, defaults=dict(wanted))
    return changed


def _told(line: LinePlan) -> list[Any]:
    return [line.row.pk if line.row else None, line.name, line.before, line.after]


def _follow_money(order: Order, change: OrderChange) -> None:
    """Let the order wait for what is due, or go on when nothing is due any more."""
    is_whole = order.status not in {OrderStatus.PARTLY_SHIPPED, OrderStatus.SHIPPED}
    if change.extra and order.is_prepaid and is_whole:
        wait_for_extra_payment(order)
    elif order.status == OrderStatus.AWAITING_PAYMENT and order.paid_total >= order.total:
        order.status = next_status(order)
        order.save(update_fields=["status", "updated_at"])
    settle_changes([order.pk])


def _fact(order: Order, change: OrderChange) -> OrderChanged:
    return OrderChanged(
        order_id=order.pk,
        change_id=change.pk,
        changed=[row[0] for row in change.contents["fields"]],
        line_count=len(change.contents["lines"]),
        difference=change.difference,
        extra=change.extra,
        owed=change.owed,
        currency=change.currency,
        reason=change.reason,
    )
