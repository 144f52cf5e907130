"""One order leaves in several parcels: what is there first, what needs a box of its own, what is too heavy."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, InvalidInput, InvalidTransition
from core.events import record
from orders.events import OrderDivided
from orders.models import LineKind, Order, OrderLine, OrderStatus, Parcel, ParcelPiece, ParcelReason
from orders.policies import can_plan_parcels
from orders.selectors.combining import Rules
from orders.services.allocating import SHIPPING, allocate_orders
from orders.services.batches import check_right, lock_order
from orders.services.holdings import held_for
from orders.services.parcels.leaving import leave_parcels
from staff.models import User

PiecesOf = Mapping[int, int]  # line id -> pieces
_Box = tuple[int, dict[int, int]]  # warehouse, pieces by line


@transaction.atomic
def divide_order(
    *,
    order_id: int,
    reason: str,
    parcels: Sequence[PiecesOf] = (),
    heaviest: int | None = None,
    actor: User | None = None,
) -> list[Parcel]:
    """Plan in which parcels an order leaves, instead of what was planned before, and return them.

    By ``reason`` (ParcelReason): STOCK takes what is there now and lets the rest wait (it leaves in a later parcel);
    APART gives goods whose tag asks for it a parcel of their own; WEIGHT fills parcels up to ``heaviest`` grams
    (default: the rule's); HAND takes ``parcels`` as they are, what they do not name is one more. Parcels never mix
    warehouses. DomainError when that makes one parcel only, or nothing is reserved; NotAllowed without the right.
    """
    check_right(can_plan_parcels, actor)
    order = lock_order(order_id)
    if reason == ParcelReason.STOCK:
        return _take_what_is_there(order, actor)
    if order.status not in SHIPPING:
        raise InvalidTransition(_("Only orders that are to ship can be divided."))
    lines = order.lines.filter(kind=LineKind.PRODUCT).select_related("variant__product").in_bulk()
    held = _held(lines)
    if not held:
        raise DomainError(_("Nothing of it is reserved."))
    boxes = _boxes(reason, lines, held, parcels, heaviest)
    if len(boxes) < 2:
        raise DomainError(_("All of it fits into one parcel."))
    leave_parcels(order_ids=[order.pk], why="undone", actor=actor)
    planned = [_write(warehouse, pieces, reason, actor) for warehouse, pieces in boxes]
    counts = [sum(pieces.values()) for _warehouse, pieces in boxes]
    record(OrderDivided(order_id=order.pk, reason=reason, counts=counts), subject=order, actor=actor)
    return planned


def _take_what_is_there(order: Order, actor: User | None) -> list[Parcel]:
    if order.status != OrderStatus.AWAITING_STOCK:
        raise InvalidTransition(_("It does not wait for stock."))
    report = allocate_orders(order_ids=[order.pk], in_parts=True, actor=actor)
    if report.refused:
        raise DomainError(report.refused[0].reason)
    return []


def _held(lines: Iterable[int]) -> dict[int, dict[int, int]]:
    """Return warehouse -> line -> pieces that are reserved."""
    found: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for line, pieces in held_for(list(lines)).items():
        for one in pieces:
            found[one.warehouse_id][line] += one.quantity
    return found


def _boxes(
    reason: str,
    lines: Mapping[int, OrderLine],
    held: Mapping[int, Mapping[int, int]],
    parcels: Sequence[PiecesOf],
    heaviest: int | None,
) -> list[_Box]:
    if reason == ParcelReason.HAND:
        return _by_hand(held, parcels)
    rules = Rules()
    if reason == ParcelReason.APART:
        return [(place, box) for place, there in held.items() for box in _by_tag(there, lines, rules.tags)]
    if reason != ParcelReason.WEIGHT:
        raise InvalidInput(_("Choose how it is divided."))
    limit = heaviest or rules.heaviest
    if limit is None or limit <= 0:
        raise InvalidInput(_("Say how heavy a parcel may be, or write a rule of parcels."))
    return [(place, box) for place, there in held.items() for box in _by_weight(there, lines, limit)]


def _by_tag(there: PiecesOf, lines: Mapping[int, OrderLine], tags: frozenset[str]) -> list[dict[int, int]]:
    boxes: dict[frozenset[str], dict[int, int]] = defaultdict(dict)
    for pk, count in there.items():
        variant = lines[pk].variant
        boxes[tags & set(variant.product.tags if variant else ())][pk] = count
    return [boxes[key] for key in sorted(boxes, key=sorted)]


def _by_weight(there: PiecesOf, lines: Mapping[int, OrderLine], limit: int) -> list[dict[int, int]]:
    """Fill parcels piece by piece, the heaviest first, each into the first in which it fits (first fit decreasing)."""
    weights = {pk: (lines[pk].variant.weight_g or 0 if lines[pk].variant else 0) for pk in there}  # type: ignore[union-attr]
    boxes: list[tuple[int, dict[int, int]]] = []
    for pk in sorted(there, key=lambda pk: (-weights[pk], pk)):
        if weights[pk] > limit:
            raise DomainError(
                _("One piece of %(name)s is heavier than %(grams)d g.") % {"name": lines[pk].name, "grams": limit}
            )
        left = there[pk]
        for place, (weight, box) in enumerate(boxes):
            count = min(left, (limit - weight) // weights[pk]) if weights[pk] else left
            if count:
                box[pk] = count
                boxes[place] = (weight + count * weights[pk], box)
                left -= count
        while left:
            count = min(left, limit // weights[pk]) if weights[pk] else left
            boxes.append((count * weights[pk], {pk: count}))
            left -= count
    return [box for _weight, box in boxes]


def _by_hand(held: Mapping[int, Mapping[int, int]], parcels: Sequence[PiecesOf]) -> list[_Box]:
    rest = {place: dict(there) for place, there in held.items()}
    boxes: list[_Box] = []
    for wanted in parcels:
        chosen = {pk: count for pk, count in wanted.items() if count}
        if not chosen:
            continue
        place = next((pk for pk, there in rest.items() if _fits(chosen, there)), None)
        if place is None:
            raise InvalidInput(_("More pieces than are reserved in one warehouse."))
        for pk, count in chosen.items():
            rest[place][pk] -= count
        boxes.append((place, chosen))
    for place, there in rest.items():
        if left := {pk: count for pk, count in there.items() if count}:
            boxes.append((place, left))
    return boxes


def _fits(chosen: PiecesOf, there: PiecesOf) -> bool:
    return all(0 < count <= there.get(pk, 0) for pk, count in chosen.items())


def _write(warehouse_id: int, pieces: PiecesOf, reason: str, actor: User | None) -> Parcel:
    parcel = Parcel.objects.create(reason=reason, warehouse_id=warehouse_id, planned_by=actor)
    ParcelPiece.objects.bulk_create(ParcelPiece(parcel=parcel, line_id=pk, quantity=n) for pk, n in pieces.items())
    return parcel
