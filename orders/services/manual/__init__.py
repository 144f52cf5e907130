"""Orders that people write: on the phone, by hand, or to replace goods."""

from orders.services.manual.placing import place_manual_order
from orders.services.manual.wanted import GiftWish, WantedLine, WantedOrder

__all__ = ["GiftWish", "WantedLine", "WantedOrder", "place_manual_order"]
