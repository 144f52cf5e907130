"""“Why is it not sellable?”: the panel on top of a product, and the page of channels and checks."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from catalog import policies
from catalog.checking import Finding
from catalog.models import ListingState, Product, ProductStatus, Variant
from catalog.selectors.sellable import OnChannel, Sellable, sellable_of
from core.display import moment_text
from core.ui import Panel, actor, link_action, register_action, register_panel
from core.ui.sitepages import register_page, render_page

_COLOURS = {
    ListingState.PLANNED: "grey",
    ListingState.SCHEDULED: "blue",
    ListingState.LIVE: "green",
    ListingState.PAUSED: "amber",
    ListingState.ENDED: "grey",
}


def product_sellable(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Give each channel with its state and the first thing to do."""
    [sellable] = sellable_of([product])
    may_change = policies.can_change_products(actor(request))
    return {
        "sellable": sellable,
        "channels": [_shown(each, product, may_change=may_change) for each in sellable.channels],
        "summary": summary(sellable),
        "url": reverse("admin:catalog_product_sellable", args=[product.pk]),
        "replaces": list(product.replaces.order_by("code")[:5]),
        "replaced_by": product.replaced_by,
        "may_list": may_change
        and product.status in (ProductStatus.ACTIVE, ProductStatus.ENDED),  # approved: the button on top
        "list_url": reverse("admin:catalog_product_press", args=[product.pk, "list_on"]),
    }


def summary(sellable: Sellable) -> str:
    """Return "Live on 3 of 6 channels, 2 with a problem"."""
    live = _("Live on %(count)s of %(all)s channels") % {"count": sellable.live_count, "all": len(sellable.channels)}
    if not (wrong := sellable.live_count - sellable.sold_count):
        return live
    return ngettext("%(live)s, %(count)s with a problem", "%(live)s, %(count)s with problems", wrong) % {
        "live": live,
        "count": wrong,
    }


def _shown(each: OnChannel, product: Product, *, may_change: bool) -> dict[str, Any]:
    """Return what the panel and the page show of one channel."""
    listing = each.listing
    state = ListingState(listing.state) if listing is not None else None
    return {
        "on": each,
        "level": each.level,
        "state": state.label if state else pgettext("listing", "Not listed"),
        "colour": "red" if state == ListingState.LIVE and each.level == "red" else _COLOURS[state] if state else "grey",
        "note": _note(each),
        "first": each.first,
        "buttons": _buttons(each, product) if may_change else [],
    }


def _note(each: OnChannel) -> str:
    listing = each.listing
    if listing is None:
        return ""
    if listing.state == ListingState.SCHEDULED and listing.starts_at:
        return _("from %(day)s") % {"day": moment_text(listing.starts_at)}
    if listing.state == ListingState.LIVE and listing.ends_at:
        return _("until %(day)s") % {"day": moment_text(listing.ends_at)}
    return listing.reason


def _buttons(each: OnChannel, product: Product) -> list[tuple[str, str, str]]:
    """Return (address, icon, label) of the dialogs that make sense for the listing."""
    state = each.listing.state if each.listing else ""
    names = {
        ListingState.LIVE: ("pause_on", "end_on"),
        ListingState.SCHEDULED: ("list_on", "pause_on", "end_on"),
        ListingState.PAUSED: ("resume_on", "end_on"),
    }.get(ListingState(state) if state else ListingState.ENDED, ("list_on",))
    if product.status not in (ProductStatus.APPROVED, ProductStatus.ACTIVE, ProductStatus.ENDED):
        names = tuple(name for name in names if name not in ("list_on", "resume_on"))
    words = {
        "list_on": ("storefront", _("Change the dates") if state == ListingState.SCHEDULED else _("Sell here")),
        "pause_on": ("pause", pgettext("listing", "Pause")),
        "resume_on": ("play_arrow", pgettext("listing", "Go on")),
        "end_on": ("block", pgettext("listing", "End")),
    }
    return [
        (
            f"{reverse('admin:catalog_product_press', args=[product.pk, name])}?channel={each.channel.pk}",
            *words[name],
        )
        for name in names
    ]


@register_page(
    "catalog/product/<int:product_id>/sellable/", name="catalog_product_sellable", permission="catalog.view_product"
)
def sellable_page(request: HttpRequest, product_id: int) -> HttpResponse:
    """Show every check on every channel, of the product or with ``variant`` of one of its variants."""
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        raise Http404
    variant = _variant(request, product)
    [sellable] = sellable_of([product], variant_id=variant.pk if variant else None)
    may_change = policies.can_change_products(actor(request))
    name = variant.sku if variant else product.name
    return render_page(
        request,
        "catalog/pages/sellable.html",
        title=_("Why is it not sellable? %(name)s") % {"name": name},
        product=product,
        variant=variant,
        sellable=sellable,
        summary=summary(sellable),
        rows=[
            (check, [(each.channel, each.cells[place]) for each in sellable.channels])
            for place, check in enumerate(sellable.checks)
        ],
        channels=[
            {**_shown(each, product, may_change=may_change), "findings": _findings(each)} for each in sellable.channels
        ],
        variants=list(product.variants.order_by("sku")[:200]),
        back=reverse("admin:catalog_product_change", args=[product.pk]),
    )


def _findings(each: OnChannel) -> list[tuple[Finding, Any]]:
    """Return what is said about the channel with the name of its check, what to do first on top."""
    labels = {cell.check.code: cell.check.label for cell in each.cells}
    first = each.first
    rows = [first, *(row for row in each.findings if row is not first)] if first else list(each.findings)
    return [(row, labels[row.check]) for row in rows if row is not None]


def _variant(request: HttpRequest, product: Product) -> Variant | None:
    asked = request.GET.get("variant", "")
    if not asked:
        return None
    known = asked.isascii() and asked.isdigit() and len(asked) < 19
    variant = product.variants.filter(pk=int(asked)).first() if known else None
    if variant is None:
        raise Http404
    return variant


def _sellable_url(variant: Variant) -> str:
    return f"{reverse('admin:catalog_product_sellable', args=[variant.product_id])}?variant={variant.pk}"


register_panel(
    Product,
    Panel(
        "sellable",
        gettext_lazy("Sales channels"),
        "catalog/panels/sellable.html",
        product_sellable,
        position=1,
        wide=True,
        above=True,
    ),
)
register_action(
    Variant,
    link_action(
        "sellable",
        gettext_lazy("Why not sellable?"),
        permission="catalog.view_product",
        icon="help",
        link=_sellable_url,
    ),
)
