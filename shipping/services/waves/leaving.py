"""Orders leave their wave unpacked, and waves end."""

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.events import Event, record, record_many
from inventory.selectors import shop_day
from orders.models import Order, OrderStatus
from orders.services.batches import check_right, lock_orders
from shipping.events import OrderLeftWave, WaveEnded
from shipping.models import WAVE_TRANSITIONS, LeaveReason, Packing, PackingState, Wave, WaveOrder, WaveState
from shipping.policies import can_make_waves
from shipping.selectors.waving import IN_A_WAVE, MOST_IN_A_WAVE
from staff.models import User


@transaction.atomic
def follow_orders(*, order_ids: Sequence[int]) -> list[int]:
    """Let orders leave their waves that cannot be packed any more (cancelled, held, shipped another way, not ready).

    Returns those that left; harmless to repeat. A packing of them that is under way is stopped.
    """
    gone = {order.pk: reason for order in lock_orders(order_ids) if (reason := _why_gone(order))}
    stop_packings(order_ids=list(gone))
    return _leave(gone, None)


@transaction.atomic
def tidy_waves() -> int:
    """Let every order leave its wave that cannot be packed any more, whatever happened to it; return how many left."""
    ready = Order.objects.all().ready_to_pick(shop_day()).filter(pk=OuterRef("order"))
    gone = WaveOrder.objects.filter(~Exists(ready), IN_A_WAVE).order_by("order")
    return len(follow_orders(order_ids=list(gone.values_list("order_id", flat=True)[:MOST_IN_A_WAVE])))


def _why_gone(order: Order) -> LeaveReason | None:
    if order.status == OrderStatus.CANCELLED:
        return LeaveReason.CANCELLED
    if order.status in {OrderStatus.SHIPPED, OrderStatus.PARTLY_SHIPPED}:
        return LeaveReason.SHIPPED
    if order.is_held:
        return LeaveReason.HELD
    if order.status != OrderStatus.TO_SHIP or (order.not_before is not None and order.not_before > shop_day()):
        return LeaveReason.CHANGED
    return None


@transaction.atomic
def take_out_of_wave(*, wave_id: int, order_ids: Sequence[int], actor: User | None = None) -> list[int]:
    """Take orders out of a wave: they are ready to pick again; returns those that left.

    InvalidInput when none of them is waiting in this wave; NotAllowed without the right to make waves.
    """
    check_right(can_make_waves, actor)
    lock_orders(order_ids)
    inside = WaveOrder.objects.filter(IN_A_WAVE, wave=wave_id, order__in=order_ids)
    waiting = list(inside.values_list("order_id", flat=True))
    if not waiting:
        raise InvalidInput(_("These orders are packed or have left the wave already."))
    stop_packings(order_ids=waiting)
    return _leave(dict.fromkeys(waiting, LeaveReason.TAKEN_OUT), actor)


@transaction.atomic
def cancel_wave(*, wave_id: int, actor: User | None = None) -> Wave:
    """Give a wave up and return it: what is not packed is ready to pick again.

    InvalidTransition when it has ended; NotAllowed without the right to make waves.
    """
    check_right(can_make_waves, actor)
    waiting = list(WaveOrder.objects.filter(IN_A_WAVE, wave=wave_id).values_list("order_id", flat=True))
    lock_orders(waiting)  # before the wave, as everybody locks
    [wave] = lock_waves([wave_id])
    WAVE_TRANSITIONS.check(WaveState(wave.state), WaveState.CANCELLED)
    stop_packings(order_ids=waiting)
    _write_left(dict.fromkeys(waiting, LeaveReason.WAVE_CANCELLED), actor)
    _end(wave, actor, is_cancelled=True)
    return wave


def stop_packings(*, order_ids: Sequence[int]) -> int:
    """End what is being packed of these locked orders without a parcel; return how many packings that were."""
    rows = Packing.objects.filter(order__in=order_ids, state=PackingState.OPEN)
    return rows.update(state=PackingState.STOPPED, ended_at=timezone.now())


def lock_waves(wave_ids: Collection[int]) -> list[Wave]:
    """Return the waves, locked in primary-key order; orders are locked before them."""
    locked = Wave.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=wave_ids)
    return list(locked.order_by("pk"))


def _leave(reasons: Mapping[int, LeaveReason], actor: User | None) -> list[int]:
    """Let locked orders leave the waves they wait in; a wave without any other ends."""
    inside = WaveOrder.objects.filter(IN_A_WAVE, order__in=list(reasons))
    waves = lock_waves(set(inside.values_list("wave_id", flat=True)))
    left = _write_left(reasons, actor)
    for wave in waves:
        end_if_empty(wave, actor)
    return left


def _write_left(reasons: Mapping[int, LeaveReason], actor: User | None) -> list[int]:
    rows = list(WaveOrder.objects.filter(IN_A_WAVE, order__in=list(reasons)).select_related("wave"))
    now = timezone.now()
    for row in rows:
        row.left_at, row.left_reason = now, reasons[row.order_id]
    WaveOrder.objects.bulk_update(rows, ["left_at", "left_reason"])
    facts: list[tuple[Event, int]] = [
        (
            OrderLeftWave(order_id=row.order_id, wave=row.wave.number, reason=reasons[row.order_id].value),
            row.order_id,
        )
        for row in rows
    ]
    record_many(facts, model=Order, actor=actor)
    return [row.order_id for row in rows]


def end_if_empty(wave: Wave, actor: User | None) -> bool:
    """End a locked wave of which nothing is left to pack; tell whether it ended."""
    if not wave.is_under_way or WaveOrder.objects.filter(IN_A_WAVE, wave=wave).exists():
        return False
    _end(wave, actor, is_cancelled=False)
    return True


def _end(wave: Wave, actor: User | None, *, is_cancelled: bool) -> None:
    packed = wave.orders.filter(packed_at__isnull=False).count()
    wave.state = WaveState.CANCELLED if is_cancelled else WaveState.DONE
    wave.ended_at = timezone.now()
    wave.save(update_fields=["state", "ended_at"])
    fact = WaveEnded(
        wave=wave.number, packed_count=packed, left_count=wave.orders.count() - packed, is_cancelled=is_cancelled
    )
    record(fact, subject=wave, actor=actor)
