"""Pick lists and packing slips as PDF. Nothing is written here."""

from shipping.services.papers.pick_list import pick_list
from shipping.services.papers.slips import packing_slips

PARCEL_COLUMNS = ("recipient_name", "recipient_phone", "address")  # what slips and carrier files tell of persons

__all__ = ["PARCEL_COLUMNS", "packing_slips", "pick_list"]
