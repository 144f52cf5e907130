"""Pick lists and packing slips as PDF. Nothing is written here."""

from shipping.services.papers.pick_list import pick_list
from shipping.services.papers.slips import packing_slips

__all__ = ["packing_slips", "pick_list"]
