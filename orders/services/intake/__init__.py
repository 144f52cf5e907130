"""Orders and returns arrive as drafts: from files, connectors and the demo, thousands at once, again and again."""

from orders.services.intake.placing import place_orders
from orders.services.intake.returns import link_returns, place_returns

__all__ = ["link_returns", "place_orders", "place_returns"]
