"""Whose parcels hold pieces of a lot: the list that a recall works off, on the lot's page."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from core.masking import mask_name
from core.ui import Panel, register_panel
from inventory.models import Lot
from orders.selectors.lots import lot_receivers

MOST_SHOWN = 500


def receivers(request: HttpRequest, lot: Lot) -> dict[str, Any]:
    """Give the customers who got pieces of the lot; names are masked for who may not see contact data."""
    may_see = request.user.has_perm("customers.see_contact_data")
    rows = lot_receivers(lot_id=lot.pk, limit=MOST_SHOWN)
    named = [(row, _name(row.order, may_see=may_see)) for row in rows]
    customers = {row.order.customer_id or row.order.recipient_name for row in rows if row.order}
    return {
        "rows": named,
        "pieces": sum(row.pieces for row in rows),
        "customers": len(customers),
        "may_see_contact": may_see,
    }


def _name(order: Any, *, may_see: bool) -> str:
    if order is None:
        return ""
    return str(order.recipient_name) if may_see else mask_name(order.recipient_name)


register_panel(
    Lot,
    Panel(
        "who", gettext_lazy("Who got it"), "orders/panels/lot_receivers.html", receivers, "orders.view_order",
        position=20, wide=True,
    ),
)  # fmt: skip
