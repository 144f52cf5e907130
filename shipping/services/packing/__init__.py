"""Parcels are packed with a scan of each piece."""

from shipping.services.packing.printing import print_slips
from shipping.services.packing.scanning import scan, take_over
from shipping.services.packing.stopping import set_aside, stop_packing

__all__ = ["print_slips", "scan", "set_aside", "stop_packing", "take_over"]
