"""What screens read of shipping."""

from shipping.selectors.carriers import CarrierBook, Journey

__all__ = ["CarrierBook", "Journey"]
