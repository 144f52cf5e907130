"""The count sheet on paper: places in walking order, and room to write; a blind one shows no number of the books."""

from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.display import moment_text
from core.papers import answer_pdf, render_pdf
from core.ui.sitepages import register_page
from inventory.admin.stocktake.stocktake import scope_words
from inventory.models import LineState, Stocktake
from inventory.selectors.counting import walking_order

MOST_LINES = 3000


@register_page(
    "inventory/stocktake/<int:stocktake>/sheet/", name="inventory_count_sheet", permission="inventory.count_stock"
)
@require_GET
def count_sheet(request: HttpRequest, stocktake: int) -> HttpResponseBase:
    """Answer with the PDF."""
    found = Stocktake.objects.select_related("warehouse").filter(pk=stocktake).first() if stocktake < 2**62 else None
    if found is None:
        raise Http404
    pdf = render_pdf("inventory/papers/count_sheet.typ", sheet_data(found), language=get_language() or "en")
    return answer_pdf(pdf, name=found.number)


def sheet_data(stocktake: Stocktake) -> dict[str, Any]:
    """Return what the paper says, as texts."""
    lines = walking_order(stocktake.lines.exclude(state=LineState.SKIPPED))
    rows = lines.select_related("stock_item__variant__product", "bin", "lot")[:MOST_LINES]
    return {
        "title": _("Count sheet %(number)s") % {"number": stocktake.number},
        "about": " · ".join([str(stocktake.warehouse), scope_words(stocktake)]),
        "printed": moment_text(stocktake.created_at),
        "heads": [pgettext("shelf", "Bin"), "SKU", _("Product"), _("Lot"), _("Counted")],
        "lines": [
            {
                "bin": line.bin.code if line.bin else "",
                "sku": line.stock_item.variant.sku,
                "name": line.stock_item.variant.label,
                "lot": line.lot.number if line.lot else "",
            }
            for line in rows
        ],
        "by": _("Counted by"),
        "hint": _(
            "Count every piece that lies there: reserved and held ones as well, and what is packed but not booked as "
            "shipped."
        ),
    }
