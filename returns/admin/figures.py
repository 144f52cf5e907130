"""How much comes back, on one page."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET

from core.ui.sitepages import register_page, render_page
from returns.selectors.figures import return_figures

SPANS = (("30", gettext_lazy("30 days")), ("90", gettext_lazy("90 days")), ("365", gettext_lazy("a year")))


@register_page("returns/figures/", name="returns_figures", permission="returns.view_return_figures")
@require_GET
def figures_page(request: HttpRequest) -> HttpResponseBase:
    """Show what comes back most, by product, reason and supplier."""
    days = request.GET.get("days", "90")
    days = days if days in dict(SPANS) else "90"
    figures = return_figures(days=int(days))
    tables = [
        (_("By product"), pgettext("pieces", "Shipped"), "admin:catalog_product_change", figures.products),
        (_("By reason"), _("All that comes back"), "", figures.reasons),
        (_("By supplier"), pgettext("pieces", "Shipped"), "admin:purchasing_supplier_change", figures.suppliers),
    ]
    return render_page(
        request, "returns/pages/figures.html", title=_("What comes back"), tables=tables, spans=SPANS, days=days
    )
