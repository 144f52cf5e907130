"""What stands against confirming and shipping: one statement for a batch, none where nothing is held."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from orders.models import Order, OrderHold

# of an outer query on orders: held, and not to take stock meanwhile
STOPPED = Exists(OrderHold.objects.filter(order=OuterRef("pk"), released_at=None, takes_stock=False))


class Stops:
    """The open holds of locked orders."""

    def __init__(self, orders: Iterable[Order]) -> None:
        held = [order.pk for order in orders if order.is_held]
        self._all: dict[int, list[str]] = defaultdict(list)
        self._hard: dict[int, list[str]] = defaultdict(list)
        rows = OrderHold.objects.filter(order__in=held, released_at=None).select_related("rule") if held else ()
        for hold in rows:
            self._all[hold.order_id].append(str(hold))
            if not hold.takes_stock:
                self._hard[hold.order_id].append(str(hold))

    def against_stock(self, order: Order) -> str:
        """Return why the order may not take stock now; an empty text when it may."""
        return _sentence(self._hard.get(order.pk))

    def against_leaving(self, order: Order) -> str:
        """Return why nothing of the order may leave now; an empty text when it may."""
        return _sentence(self._all.get(order.pk))


def _sentence(holds: list[str] | None) -> str:
    if not holds:
        return ""
    return _("It is held (%(holds)s). Release it first.") % {"holds": ", ".join(sorted(holds))}
