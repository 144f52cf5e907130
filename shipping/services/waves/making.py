"""Orders are put together to be picked by one walk."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import InvalidInput
from core.events import Event, record, record_many
from core.sequences import document_number, next_numbers
from inventory.selectors import shop_day
from orders.models import Order
from orders.services import Refusal
from orders.services.batches import check_right, lock_orders, sift
from shipping.events import OrderJoinedWave, WaveMade
from shipping.models import Packing, PackingState, Wave, WaveOrder
from shipping.policies import can_make_waves
from shipping.selectors.picking import reserved_for
from shipping.selectors.waving import IN_A_WAVE, MOST_IN_A_WAVE, WaveCriteria, candidates, chosen_ids
from staff.models import User

SERIES = "shipping.wave"


@dataclass(slots=True)
class WaveReport:
    """What became of chosen orders: the waves they are in, one for each warehouse, and the refused."""

    waves: list[Wave] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def make_wave(*, criteria: WaveCriteria, note: str = "", key: str = "", actor: User | None = None) -> Wave:
    """Make a wave of the most urgent orders that fit and return it; slots are numbered in their order.

    Of two people who make waves at once each gets other orders. The same ``key`` answers with the same wave.
    InvalidInput when no order fits, or for more than 500; NotAllowed without the right to make waves.
    """
    check_right(can_make_waves, actor)
    if not 1 <= criteria.most <= MOST_IN_A_WAVE:
        raise InvalidInput(_("A wave holds 1 to %(most)s orders.") % {"most": MOST_IN_A_WAVE})

    def run() -> int:
        return _make(criteria, note, actor).pk

    if not key:
        return Wave.objects.get(pk=run())
    parameters: dict[str, Any] = {"warehouse": criteria.warehouse_id, "criteria": criteria.as_json(), "note": note}
    return Wave.objects.get(pk=once(key=f"shipping.wave:{key}", parameters=parameters, run=run))


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _make(criteria: WaveCriteria, note: str, actor: User | None) -> Wave:
    """Choose, lock, look again, write.

    1. The orders that fit are read without a lock, the most urgent first.
    2. As many as are wanted are locked; what somebody else has locked is passed over, so two waves are disjoint.
    3. What another wave took before our lock is seen only now, by a second look; the next ones fill the gap.
    """
    waiting = chosen_ids(criteria)
    taken: list[Order] = []
    while waiting and len(taken) < criteria.most:
        wanted = criteria.most - len(taken)
        part, waiting = waiting[:wanted], waiting[wanted:]
        locked = candidates(criteria).filter(pk__in=part).select_for_update(of=("self",), no_key=True, skip_locked=True)
        found = list(locked)
        busy = _busy([order.pk for order in found])
        taken += [order for order in found if order.pk not in busy]
    if not taken:
        raise InvalidInput(_("No order that is ready to pick fits. Choose less strictly."))
    return _write(criteria.warehouse_id, taken, criteria.as_json(), note, actor)


def _busy(order_ids: Sequence[int]) -> set[int]:
    """Return those of the locked orders that are in a wave or on a packing table; none can be added meanwhile."""
    in_waves = WaveOrder.objects.filter(IN_A_WAVE, order__in=order_ids).values_list("order_id", flat=True)
    packed = Packing.objects.filter(order__in=order_ids, state=PackingState.OPEN).values_list("order_id", flat=True)
    return set(in_waves) | set(packed)


@transaction.atomic
def wave_orders(*, order_ids: Sequence[int], note: str = "", actor: User | None = None) -> WaveReport:
    """Put chosen orders into new waves, one for each warehouse, in a fixed number of statements for each.

    Refused: orders that are not ready to pick, in a wave or on a packing table already, or lie in several warehouses.
    InvalidInput for more than 500; NotAllowed without the right to make waves.
    """
    check_right(can_make_waves, actor)
    if len(order_ids) > MOST_IN_A_WAVE:
        raise InvalidInput(_("A wave holds 1 to %(most)s orders.") % {"most": MOST_IN_A_WAVE})
    locked = lock_orders(order_ids)
    ready = set(Order.objects.all().ready_to_pick(shop_day()).filter(pk__in=order_ids).values_list("pk", flat=True))
    busy = _busy(order_ids)
    places: dict[int, set[int]] = defaultdict(set)
    for one in reserved_for(order_ids):
        places[one.order_id].add(one.warehouse_id)

    def problem(order: Order) -> str:
        if order.pk not in ready or not places[order.pk]:
            return _("It is not ready to pick.")
        if order.pk in busy:
            return _("It is in a wave or being packed already.")
        if len(places[order.pk]) > 1:
            return _("Its pieces lie in several warehouses: pack it by itself.")
        return ""

    orders, refused = sift(order_ids, locked, problem)
    by_place: dict[int, list[Order]] = defaultdict(list)
    for order in sorted(orders, key=lambda one: (one.ship_by is None, one.ship_by, one.pk)):
        by_place[min(places[order.pk])].append(order)
    report = WaveReport(refused=refused, done=[order.pk for order in orders])
    report.waves = [_write(place, part, {"by_hand": True}, note, actor) for place, part in sorted(by_place.items())]
    return report


def _write(warehouse_id: int, orders: Sequence[Order], criteria: dict[str, Any], note: str, actor: User | None) -> Wave:
    [number] = next_numbers(series=SERIES)
    wave = Wave.objects.create(
        number=document_number("W", number),
        warehouse_id=warehouse_id,
        criteria=criteria,
        note=note.strip()[:200],
        created_by=actor,
    )
    WaveOrder.objects.bulk_create(
        WaveOrder(wave=wave, order=order, slot=slot) for slot, order in enumerate(orders, start=1)
    )
    facts: list[tuple[Event, int]] = [
        (OrderJoinedWave(order_id=order.pk, wave=wave.number, slot=slot), order.pk)
        for slot, order in enumerate(orders, start=1)
    ]
    record_many(facts, model=Order, actor=actor)
    record(WaveMade(wave=wave.number, order_count=len(orders)), subject=wave, actor=actor)
    return wave
