"""How a supplier delivers, on the supplier's page."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from core.ui import Panel, register_panel
from purchasing.models import Supplier
from purchasing.selectors.performance import supplier_performance


def delivers(_request: HttpRequest, supplier: Supplier) -> dict[str, Any] | None:
    """Give what was measured; None before the first delivery."""
    found = supplier_performance(supplier_id=supplier.pk)
    return {"found": found} if found.orders else None


register_panel(
    Supplier,
    Panel(
        "performance",
        gettext_lazy("Deliveries, measured"),
        "purchasing/panels/performance.html",
        delivers,
        "purchasing.view_costs",
        position=5,
    ),
)
