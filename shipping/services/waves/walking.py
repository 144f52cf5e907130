"""A wave is picked and brought to the packing table."""

from django.db import transaction
from django.utils import timezone

from core.events import record
from orders.services.batches import check_right
from shipping.events import WavePackingStarted, WavePickingStarted
from shipping.models import WAVE_TRANSITIONS, Wave, WaveState
from shipping.policies import can_pack
from shipping.services.waves.leaving import lock_waves
from staff.models import User


@transaction.atomic
def start_picking(*, wave_id: int, actor: User | None = None) -> Wave:
    """Say who walks and return the wave, being picked. InvalidTransition unless it is open; NotAllowed for others."""
    check_right(can_pack, actor)
    [wave] = lock_waves([wave_id])
    WAVE_TRANSITIONS.check(WaveState(wave.state), WaveState.PICKING)
    wave.state, wave.picking_at, wave.picked_by = WaveState.PICKING, timezone.now(), actor
    wave.save(update_fields=["state", "picking_at", "picked_by"])
    record(WavePickingStarted(wave=wave.number), subject=wave, actor=actor)
    return wave


@transaction.atomic
def start_packing(*, wave_id: int, actor: User | None = None) -> Wave:
    """Say that its pieces are on the table and return the wave, being packed; one that is packed already stays so.

    InvalidTransition for one that has ended; NotAllowed without the right to pack.
    """
    check_right(can_pack, actor)
    [wave] = lock_waves([wave_id])
    if wave.state == WaveState.PACKING:
        return wave
    WAVE_TRANSITIONS.check(WaveState(wave.state), WaveState.PACKING)
    wave.state, wave.packing_at = WaveState.PACKING, timezone.now()
    wave.save(update_fields=["state", "packing_at"])
    record(WavePackingStarted(wave=wave.number), subject=wave, actor=actor)
    return wave
