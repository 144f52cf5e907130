"""What leaves together leaves together: planned parcels against shipping by order."""

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _

from orders.models import Order, ParcelPiece
from orders.services.parcels.leaving import PLANNED


class Plans:
    """The planned parcels of locked orders: one statement for a batch."""

    def __init__(self, orders: Iterable[Order]) -> None:
        self._batch = {order.pk for order in orders}
        self._parcels: dict[int, set[int]] = defaultdict(set)
        mine = ParcelPiece.objects.filter(PLANNED, line__order__in=self._batch).values("parcel")
        rows = ParcelPiece.objects.filter(parcel__in=mine).values_list(
            "parcel_id", "line__order_id", "line__order__number"
        )
        self._orders: dict[int, dict[int, str]] = defaultdict(dict)
        for parcel, order, number in rows.distinct() if self._batch else ():
            self._parcels[order].add(parcel)
            self._orders[parcel][order] = number

    def against_alone(self, order: Order) -> str:
        """Return with what the order has to leave that is not in the batch; an empty text when it may leave."""
        mine = {
            one: number for parcel in self._parcels.get(order.pk, ()) for one, number in self._orders[parcel].items()
        }
        others = sorted(number for one, number in mine.items() if one not in self._batch)
        if not others:
            return ""
        return _("It leaves in one parcel with %(orders)s. Ship them together, or undo the parcel first.") % {
            "orders": ", ".join(others)
        }

    def against_at_once(self, order: Order) -> str:
        """Return that the order leaves in several parcels, or why it may not leave alone."""
        count = len(self._parcels.get(order.pk, ()))
        if count > 1:
            return _("It leaves in %(count)d parcels. Ship each with its own tracking number.") % {"count": count}
        return self.against_alone(order)
