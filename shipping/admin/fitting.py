"""The address on the order's page as each carrier's label would show it, so that a long one is seen in time."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui import Panel, register_panel
from orders.models import OPEN_STATUSES, Order
from shipping.selectors.fitting import fitted_addresses

SEES = "customers.see_contact_data"


def order_labels(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give the lines of each carrier's label; folded while all fits, None when nothing is to be sent any more."""
    if order.status not in OPEN_STATUSES or not order.address_1:
        return None
    shown = fitted_addresses(order=order)
    if not shown:
        return None
    too_long = [str(one.carrier) for one in shown if one.fitted.problems]
    return {
        "labels": [
            (one.carrier, one.fitted.rows, [problem.sentence for problem in one.fitted.problems]) for one in shown
        ],
        "is_folded": not too_long,
        "gist": _("The address fits.") if not too_long else "",
    }


register_panel(
    Order,
    Panel(
        "labels",
        gettext_lazy("Address on the label"),
        "shipping/panels/labels.html",
        order_labels,
        SEES,
        position=5,
    ),
)
