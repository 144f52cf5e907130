"""The report of what is live and cannot be bought: reasons by sales channel, and the list filtered by one reason."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.checking import checks
from catalog.models import Listing, ListingState, Product, SalesChannel
from catalog.selectors.sellable import obstacle_report
from core.ui.listlinks import ListLink, register_list_link
from core.ui.sitepages import register_page, render_page


class ProblemFilter(admin.SimpleListFilter):
    """Products that one check speaks against where they are live."""

    title = gettext_lazy("Not sellable because of")
    parameter_name = "problem"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, Any]]:
        """Offer every check."""
        return ((check.code, check.label) for check in checks())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        """Keep those it was found with."""
        code = self.value()
        if not code:
            return queryset
        found = Listing.objects.filter(product=OuterRef("pk"), state=ListingState.LIVE, problems__contains=[code])
        return queryset.filter(Exists(found))


@register_page("catalog/obstacles/", name="catalog_obstacles", permission="catalog.view_product")
def obstacles_page(request: HttpRequest) -> HttpResponse:
    """Show how many live listings each check speaks against on each channel."""
    channels = list(SalesChannel.objects.filter(is_active=True).order_by("name"))
    base = f"{reverse('admin:catalog_product_changelist')}?tab=not_sellable&problem="
    return render_page(
        request,
        "catalog/pages/obstacles.html",
        title=_("What is not sellable, and why"),
        channels=channels,
        rows=[
            (row, f"{base}{row.code}", [row.counts.get(channel.pk, 0) for channel in channels])
            for row in obstacle_report()
        ],
    )


register_list_link(
    Product,
    ListLink(
        gettext_lazy("Why not sellable?"),
        "help",
        "catalog_obstacles",
        "product",
        "catalog.view_product",
        of_rows=False,
    ),
)
