"""People hold orders and release them; what is called off is held by nothing."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.events import Event, record_many
from orders.events import OrderHeld, OrderReleased
from orders.models import OPEN_STATUSES, HoldReason, Order, OrderHold
from orders.policies import can_hold_orders, can_release_orders
from orders.services.batches import BatchReport, check_right, lock_orders, sift
from orders.services.parcels.leaving import leave_parcels
from staff.models import User

LONGEST_NOTE = 300
BY_ITSELF = {HoldReason.RULE, HoldReason.EXTRA}  # no person holds for these


@transaction.atomic
def hold_orders(
    *, order_ids: Sequence[int], reason: str, note: str = "", takes_stock: bool = False, actor: User | None = None
) -> BatchReport:
    """Hold open orders for ``reason`` (HoldReason, not RULE): nothing of them leaves until somebody releases them.

    Without ``takes_stock`` they are not confirmed either and get no stock; what is reserved already stays theirs.
    Refused: closed orders, and those held for this reason already. InvalidInput for an unknown reason or a long note.
    """
    check_right(can_hold_orders, actor)
    if reason not in HoldReason.values or reason in BY_ITSELF:
        raise InvalidInput(_("Choose why the orders are held."))
    note = _checked_note(note)
    locked = lock_orders(order_ids)
    already = set(
        OrderHold.objects.filter(order__in=order_ids, reason=reason, released_at=None).values_list(
            "order_id", flat=True
        )
    )

    def problem(order: Order) -> str:
        if order.status not in OPEN_STATUSES:
            return _("It is closed: nothing of it can be held.")
        return _("It is held for this reason already.") if order.pk in already else ""

    orders, refused = sift(order_ids, locked, problem)
    OrderHold.objects.bulk_create(
        OrderHold(order=order, reason=reason, note=note, takes_stock=takes_stock, held_at=timezone.now(), held_by=actor)
        for order in orders
    )
    done = [order.pk for order in orders]
    mark_held(done)
    facts: list[tuple[Event, int]] = [(OrderHeld(order_id=pk, reason=reason, note=note), pk) for pk in done]
    record_many(facts, model=Order, actor=actor)
    return BatchReport(done=done, refused=refused)


@transaction.atomic
def release_orders(
    *, order_ids: Sequence[int], hold_ids: Collection[int] | None = None, note: str = "", actor: User | None = None
) -> BatchReport:
    """Release all holds of these orders, or only ``hold_ids``; a rule does not hold an order a second time after that.

    Refused: orders of which nothing (of that) is held. NotAllowed without the right to release.
    """
    check_right(can_release_orders, actor)
    note = _checked_note(note)
    locked = lock_orders(order_ids)
    holds = OrderHold.objects.filter(order__in=locked, released_at=None).select_related("rule").order_by("pk")
    if hold_ids is not None:
        holds = holds.filter(pk__in=hold_ids)
    found: dict[int, list[OrderHold]] = defaultdict(list)
    for hold in holds:
        found[hold.order_id].append(hold)
    orders, refused = sift(
        order_ids, locked, lambda order: "" if order.pk in found else _("It is not held (any more).")
    )
    released = [hold for order in orders for hold in found[order.pk]]
    OrderHold.objects.filter(pk__in=[hold.pk for hold in released]).update(
        released_at=timezone.now(), released_by=actor, release_note=note
    )
    done = [order.pk for order in orders]
    free = mark_free(done)
    facts: list[tuple[Event, int]] = [
        (
            OrderReleased(
                order_id=order.pk, holds=[hold_name(hold) for hold in found[order.pk]], note=note,
                is_free=order.pk in free,
            ),
            order.pk,
        )
        for order in orders
    ]  # fmt: skip
    record_many(facts, model=Order, actor=actor)
    return BatchReport(done=done, refused=refused)


def end_holds(orders: Sequence[Order]) -> None:
    """End what holds these locked orders, because they close; without a fact of its own."""
    held = [order.pk for order in orders if order.is_held]
    if held:
        OrderHold.objects.filter(order__in=held, released_at=None).update(released_at=timezone.now())
        Order.objects.filter(pk__in=held).update(is_held=False, updated_at=timezone.now())


def mark_held(order_ids: Collection[int]) -> None:
    """Say on these locked orders that they are held; they keep no other order from leaving."""
    if order_ids:
        leave_parcels(order_ids=order_ids, why="held", only_combined=True)
        Order.objects.filter(pk__in=order_ids, is_held=False).update(is_held=True, updated_at=timezone.now())


def mark_free(order_ids: Collection[int]) -> set[int]:
    """Say on those of these locked orders that nothing holds any more that they go on; return them."""
    if not order_ids:
        return set()
    still = Exists(OrderHold.objects.filter(order=OuterRef("pk"), released_at=None))
    free = set(Order.objects.filter(~still, pk__in=order_ids).values_list("pk", flat=True))
    Order.objects.filter(pk__in=free, is_held=True).update(is_held=False, updated_at=timezone.now())
    return free


def hold_name(hold: OrderHold) -> str:
    """Return what facts call a hold: its rule's name, or the code of its reason."""
    return hold.rule.name if hold.rule else hold.reason


def _checked_note(note: str) -> str:
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(_("The note is too long: at most %(count)d characters.") % {"count": LONGEST_NOTE})
    return note
