"""Waves are made, picked, left and ended."""

from shipping.services.waves.leaving import cancel_wave, follow_orders, take_out_of_wave, tidy_waves
from shipping.services.waves.making import WaveReport, make_wave, wave_orders
from shipping.services.waves.walking import start_packing, start_picking

__all__ = [
    "WaveReport",
    "cancel_wave",
    "follow_orders",
    "make_wave",
    "start_packing",
    "start_picking",
    "take_out_of_wave",
    "tidy_waves",
    "wave_orders",
]
