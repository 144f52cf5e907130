"""What is planned with the parcels of orders; the subject is the order."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from orders.events.ordering import OrderEvent, pieces
from orders.models import ParcelReason


@dataclass(frozen=True, kw_only=True)
class OrderCombined(OrderEvent):
    """The order leaves in one parcel with others."""

    name = "orders.order_combined"

    parcel_id: int
    others: list[str] = field(default_factory=list)  # their numbers

    def sentence(self) -> str:
        """Return e.g. "Leaves in one parcel with O-0000002"."""
        return _("Leaves in one parcel with %(orders)s") % {"orders": ", ".join(self.others)}


@dataclass(frozen=True, kw_only=True)
class OrderDivided(OrderEvent):
    """The order leaves in several parcels, with so many pieces in each."""

    name = "orders.order_divided"

    reason: str
    counts: list[int]

    def sentence(self) -> str:
        """Return e.g. "Leaves in 2 parcels (3 pieces, 1 piece): too heavy for one parcel"."""
        return _("Leaves in %(count)d parcels (%(pieces)s): %(reason)s") % {
            "count": len(self.counts),
            "pieces": ", ".join(pieces(count) for count in self.counts),
            "reason": ParcelReason(self.reason).label,
        }


@dataclass(frozen=True, kw_only=True)
class OrderLeftParcel(OrderEvent):
    """The plan for the order's parcels holds no more; ``why`` is a code of the reasons below."""

    name = "orders.order_left_parcel"

    why: str

    def sentence(self) -> str:
        """Return e.g. "No longer in the planned parcel: it is held"."""
        reasons = {
            "held": _("it is held"),
            "cancelled": _("it is cancelled"),
            "address": _("its address changed"),
            "changed": _("its lines changed"),
            "shipped": _("something of it left otherwise"),
            "undone": _("somebody undid it"),
            "alone": _("nothing else was left in it"),
        }
        return _("No longer in the planned parcel: %(reason)s") % {"reason": reasons.get(self.why, self.why)}
