"""Orders of one recipient leave in one parcel."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, InvalidInput
from core.events import Event, record_many
from orders.events import OrderCombined
from orders.models import LineKind, Order, OrderLine, Parcel, ParcelPiece, ParcelReason, ParcelRuleKind
from orders.policies import can_plan_parcels
from orders.selectors.combining import (
    Combinable,
    Rules,
    combinable_orders,
    facts_of,
    recipient_keys,
    warehouse_countries,
)
from orders.services.batches import check_right, lock_orders
from orders.services.changing.applying import change_order
from orders.services.changing.edits import LineEdit, OrderEdit
from staff.models import User


@transaction.atomic
def combine_orders(*, order_ids: Sequence[int], actor: User | None = None) -> Parcel:
    """Let these orders leave in one parcel and return it; they are shipped by ``ship_parcel``, with one number.

    Refused with the reason (DomainError): an order that is not ready to pick or in another parcel already, another
    recipient or address, another warehouse, and what a rule of parcels forbids. Where the shop wants it, shipping that
    was paid twice is owed (``OrderChanged``). NotAllowed without the right.

    1. Lock the orders by primary key. 2. Ask the same questions as the proposal did, from what is read after the lock.
    """
    check_right(can_plan_parcels, actor)
    ids = list(dict.fromkeys(order_ids))
    if len(ids) < 2:
        raise InvalidInput(_("Choose at least two orders."))
    orders = {order.pk: order for order in lock_orders(ids)}
    rules = Rules()
    members = _members(ids, orders, rules)
    if rules.has(ParcelRuleKind.SHIPPING):
        _give_back_shipping(members)
    parcel = _write(members, actor)
    facts: list[tuple[Event, int]] = [
        (OrderCombined(order_id=one.order.pk, parcel_id=parcel.pk, others=_others(one, members)), one.order.pk)
        for one in members
    ]
    record_many(facts, model=Order, actor=actor)
    return parcel


def combine_by_itself() -> int:
    """Combine what may be combined, where the shop wants that, and return how many parcels were planned.

    Twice is harmless: what is in a parcel is not ready for another one.
    """
    if not Rules().has(ParcelRuleKind.AUTOMATIC):
        return 0
    count = 0
    for proposal in combinable_orders():
        try:
            combine_orders(order_ids=[one.order.pk for one in proposal.members])
        except DomainError:  # somebody was faster: the next look sees what is left
            continue
        count += 1
    return count


def _members(ids: Sequence[int], orders: dict[int, Order], rules: Rules) -> list[Combinable]:
    """Return what is to be combined, the oldest first; DomainError with the first reason against it."""
    if missing := [pk for pk in ids if pk not in orders]:
        raise DomainError(_("There is no such order any more.") + f" ({missing[0]})")
    keys = recipient_keys(order_ids=ids)
    if waiting := [orders[pk].number for pk in ids if pk not in keys]:
        raise DomainError(
            _("%(orders)s: not ready to pick, or in another parcel already.") % {"orders": ", ".join(waiting)}
        )
    if len(set(keys.values())) > 1:
        raise DomainError(_("They do not go to the same recipient and address."))
    facts, homes = facts_of(ids, rules), warehouse_countries()
    members: list[Combinable] = []
    for one in sorted(facts.values(), key=lambda one: (one.order.placed_at, one.order.pk)):
        if members and (said := rules.against(members, one, homes)):
            raise DomainError(f"{one.order.number}: {said}")
        members.append(one)
    if not all(one.pieces for one in members):
        raise DomainError(_("One of them has no goods to ship."))
    return members


def _give_back_shipping(members: Sequence[Combinable]) -> None:
    """Take the shipping out of all orders but the oldest, as the shop's rule says: what was paid of it is owed."""
    first, *others = members
    ids = [one.order.pk for one in others]
    lines: dict[int, list[LineEdit]] = defaultdict(list)
    paid = OrderLine.objects.filter(order__in=ids, kind=LineKind.SHIPPING, total__gt=0)
    for pk, order_id in paid.values_list("pk", "order_id"):
        lines[order_id].append(LineEdit(line_id=pk, quantity=0))
    reason = _("One parcel with %(order)s") % {"order": first.order.number}
    for order_id in sorted(lines):
        change_order(order_id=order_id, edit=OrderEdit(lines=lines[order_id], reason=reason))


def _write(members: Sequence[Combinable], actor: User | None) -> Parcel:
    [warehouse] = members[0].warehouse_ids
    parcel = Parcel.objects.create(reason=ParcelReason.COMBINED, warehouse_id=warehouse, planned_by=actor)
    ParcelPiece.objects.bulk_create(
        ParcelPiece(parcel=parcel, line_id=line, quantity=count)
        for one in members
        for line, count in one.pieces.items()
    )
    return parcel


def _others(one: Combinable, members: Sequence[Combinable]) -> list[str]:
    return [other.order.number for other in members if other is not one]
